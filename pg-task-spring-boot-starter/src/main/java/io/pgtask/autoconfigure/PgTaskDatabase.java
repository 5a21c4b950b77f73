package io.pgtask.autoconfigure;

import java.sql.Connection;

import javax.sql.DataSource;

import io.pgtask.PgTaskConfigurationException;
import io.pgtask.store.SchemaCheck;
import io.pgtask.store.TaskTable;

import org.springframework.beans.factory.ObjectProvider;
import org.springframework.jdbc.core.JdbcTemplate;

/**
 * The database of pg-task: which {@link DataSource} it uses, and where its table is.
 * Every bean that talks to the database takes it from here.
 *
 * @param dataSource the data source, known to lead to PostgreSQL
 * @param table the table
 */
record PgTaskDatabase(DataSource dataSource, TaskTable table) {

	/**
	 * Choose the data source and make sure that PostgreSQL is behind it.
	 * @param qualified the data source that carries {@link PgTaskDataSource}, if any
	 * @param dataSources the other data sources of the application
	 * @param table where the table is
	 * @return the database
	 * @throws PgTaskConfigurationException if there is no data source, more than one
	 * without a primary one, or one of another database
	 */
	static PgTaskDatabase choose(ObjectProvider<DataSource> qualified, ObjectProvider<DataSource> dataSources,
			TaskTable table) {
		DataSource dataSource = qualified.getIfUnique();
		if (dataSource == null) {
			if (qualified.stream().findAny().isPresent()) {
				throw severalQualified();
			}
			dataSource = dataSources.getIfUnique(() -> {
				throw noUniqueDataSource(dataSources);
			});
		}
		verifyServer(dataSource);
		return new PgTaskDatabase(dataSource, table);
	}

	private static PgTaskConfigurationException severalQualified() {
		return new PgTaskConfigurationException("Several DataSources are annotated with @PgTaskDataSource.",
				"Keep the annotation on the one that leads to the pg_task table.");
	}

	private static PgTaskConfigurationException noUniqueDataSource(ObjectProvider<DataSource> dataSources) {
		if (dataSources.stream().findAny().isEmpty()) {
			return new PgTaskConfigurationException("There is no DataSource: pg-task keeps its tasks in PostgreSQL.",
					"Set spring.datasource.url to a PostgreSQL database, or declare a DataSource bean. To use one of"
							+ " several DataSources, annotate it with @PgTaskDataSource.");
		}
		return new PgTaskConfigurationException("There are several DataSources and none of them is primary.",
				"Annotate the DataSource that leads to the pg_task table with @PgTaskDataSource, or the application's"
						+ " main one with @Primary.");
	}

	private static void verifyServer(DataSource dataSource) {
		new JdbcTemplate(dataSource).execute((Connection connection) -> {
			SchemaCheck.verifyServer(connection);
			return true;
		});
	}

}
