package io.pgtask.autoconfigure;

import java.sql.Connection;
import java.util.Map;

import io.pgtask.store.SchemaState;
import liquibase.GlobalConfiguration;
import liquibase.Scope;
import liquibase.UpdateSummaryEnum;
import liquibase.database.Database;
import liquibase.database.core.PostgresDatabase;
import liquibase.database.jvm.JdbcConnection;
import liquibase.integration.spring.SpringLiquibase;
import liquibase.resource.ResourceAccessor;

import org.springframework.core.io.DefaultResourceLoader;
import org.springframework.jdbc.datasource.SingleConnectionDataSource;

/**
 * Runs pg-task's changelog in the schema the connection's search path names, with
 * change-log tables of its own, and keeps Liquibase's talk out of the application's log.
 */
final class LiquibaseRun extends SpringLiquibase {

	private static final String CHANGE_LOG = "classpath:io/pgtask/db/changelog.yaml";

	private static final String CHANGE_LOG_TABLE = "pg_task_databasechangelog";

	private static final String CHANGE_LOG_LOCK_TABLE = "pg_task_databasechangeloglock";

	private static final String SHARED_WITH_RUST = "pg-task.shared-with-rust";

	/** Liquibase keeps state in static maps that are not made for several threads. */
	private static final Object ONE_AT_A_TIME = new Object();

	private LiquibaseRun(Connection connection, boolean sharedWithRust) {
		setDataSource(new SingleConnectionDataSource(connection, true));
		setResourceLoader(new DefaultResourceLoader(SchemaState.class.getClassLoader()));
		setChangeLog(CHANGE_LOG);
		setChangeLogParameters(Map.of(SHARED_WITH_RUST, String.valueOf(sharedWithRust)));
		setShowSummary(UpdateSummaryEnum.OFF);
		setAnalyticsEnabled(false);
	}

	/**
	 * Run the changelog inside the connection's transaction.
	 * @param connection the connection, which stays open and is not committed
	 * @param sharedWithRust the mode to bring the schema into
	 */
	static void update(Connection connection, boolean sharedWithRust) {
		Map<String, Object> scope = Map.of(Scope.Attr.logService.name(), new QuietLogService(),
				// Schema names are taken literally, not folded to lower case.
				GlobalConfiguration.PRESERVE_SCHEMA_CASE.getKey(), true);
		synchronized (ONE_AT_A_TIME) {
			try {
				Scope.child(scope, () -> new LiquibaseRun(JoinedTransaction.join(connection), sharedWithRust)
					.afterPropertiesSet());
			}
			catch (RuntimeException ex) {
				throw ex;
			}
			catch (Exception ex) {
				throw new IllegalStateException("Liquibase cannot run the changelog of pg-task", ex);
			}
		}
	}

	@Override
	protected Database createDatabase(Connection connection, ResourceAccessor resourceAccessor) {
		Database database = new SearchPathDatabase();
		database.setConnection(new JdbcConnection(connection));
		database.setDatabaseChangeLogTableName(CHANGE_LOG_TABLE);
		database.setDatabaseChangeLogLockTableName(CHANGE_LOG_LOCK_TABLE);
		return database;
	}

	/**
	 * Leaves the schema to the search path, so that its name may have any characters.
	 */
	private static final class SearchPathDatabase extends PostgresDatabase {

		private SearchPathDatabase() {
			setOutputDefaultSchema(false);
		}

		@Override
		public String escapeForLike(String text) {
			return super.escapeForLike(text.replace("\\", "\\\\"));
		}

	}

}
