package io.pgtask.store;

import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.DatabaseMetaData;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.UUID;

import javax.sql.DataSource;

import io.pgtask.PgTaskConfigurationException;
import io.pgtask.test.PostgresTest;
import io.pgtask.test.RustSchema;
import io.pgtask.test.TaskSchema;
import io.pgtask.test.TestDatabase;
import org.assertj.core.api.ThrowableAssertAlternative;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.postgresql.ds.PGSimpleDataSource;

import org.springframework.dao.DataAccessException;
import org.springframework.jdbc.datasource.DelegatingDataSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * Tests for {@link SchemaCheck} and {@link SchemaState}.
 */
@PostgresTest
class SchemaCheckTests {

	private final TestDatabase database;

	private final String schema = "s" + UUID.randomUUID().toString().replace("-", "");

	private final TaskTable table = TaskTable.inSchema(this.schema);

	SchemaCheckTests(TestDatabase database) {
		this.database = database;
	}

	@BeforeEach
	void createSchema() throws SQLException {
		execute("CREATE SCHEMA " + this.schema);
	}

	@ParameterizedTest
	@ValueSource(booleans = { false, true })
	void acceptsTheSchemaInBothModes(boolean sharedWithRust) throws SQLException {
		TaskSchema.create(this.database.dataSource(), this.table, sharedWithRust);
		assertThatCode(() -> SchemaCheck.verify(this.database.dataSource(), this.table)).doesNotThrowAnyException();
		SchemaState state = state();
		assertThat(state.schema()).isEqualTo(this.schema);
		assertThat(state.version()).isEqualTo(SchemaState.CURRENT_VERSION);
		assertThat(state.isCurrent(sharedWithRust)).isTrue();
		assertThat(state.isCurrent(!sharedWithRust)).isFalse();
	}

	@Test
	void findsTheTableOnTheSearchPath() throws SQLException {
		TaskSchema.create(this.database.dataSource(), this.table, false);
		assertThatCode(() -> SchemaCheck.verify(searching("nowhere", this.schema, "public"), TaskTable.inSearchPath()))
			.doesNotThrowAnyException();
	}

	@Test
	void acceptsASchemaThatIsNewer() throws SQLException {
		TaskSchema.create(this.database.dataSource(), this.table, false);
		execute("""
				CREATE OR REPLACE FUNCTION %s.pg_task_schema(OUT version int, OUT shared_with_rust boolean)
				LANGUAGE sql IMMUTABLE AS $$SELECT 99, false$$""".formatted(this.schema));
		assertThatCode(() -> SchemaCheck.verify(this.database.dataSource(), this.table)).doesNotThrowAnyException();
		assertThat(state().isCurrent(true)).isTrue();
	}

	@Test
	void saysWhereATableIsMissing() {
		assertThatRefused(this.database.dataSource(), this.table)
			.withMessage("There is no table pg_task in schema '%s'", this.schema)
			.satisfies((ex) -> assertThat(ex.getAction()).contains("pg-task.liquibase.enabled")
				.contains("io/pgtask/db")
				.contains("pg-task.schema"));
	}

	@Test
	void saysWhichSearchPathHasNoTable() {
		assertThatRefused(searching(this.schema, "public"), TaskTable.inSearchPath())
			.withMessage("There is no table pg_task in the search path (%s, public)", this.schema);
		assertThatRefused(searching("nowhere"), TaskTable.inSearchPath())
			.withMessage("There is no table pg_task in the search path (which is empty)");
	}

	@Test
	void saysWhatIsMissingFromATableOfTheRustLibrary() throws SQLException {
		try (Connection connection = this.database.openConnection();
				Statement statement = connection.createStatement()) {
			statement.execute("SET search_path TO " + this.schema);
			RustSchema.LEASES.create(connection);
		}
		assertThatRefused(this.database.dataSource(), this.table)
			.withMessageContaining("not that of pg-task (perhaps that of the Rust library)")
			.withMessageContaining("needs version 5")
			.withMessageContaining(
					"01-table.sql, 02-options.sql, 03-failures.sql, 04-history.sql, 05-notifications.sql and then normal.sql (or shared-with-rust.sql)")
			.satisfies((ex) -> assertThat(ex.getAction()).contains("search_path set to '" + this.schema + "'"));
	}

	@Test
	void noticesThatTheModeFilesWereForgotten() throws SQLException {
		try (Connection connection = this.database.openConnection();
				Statement statement = connection.createStatement()) {
			statement.execute("SET search_path TO " + this.schema);
			statement.execute(TaskSchema.script("01-table.sql"));
		}
		assertThatRefused(this.database.dataSource(), this.table).withMessageContaining("normal.sql");
	}

	@Test
	void saysWhichPrivilegesAreMissing() throws SQLException {
		TaskSchema.create(this.database.dataSource(), this.table, false);
		String role = "app_" + this.schema;
		execute("CREATE ROLE %s LOGIN".formatted(role));
		try {
			DataSource application = connectedAs(role);
			assertThatRefused(application, this.table)
				.withMessageContaining("user %s may not use the schema '%s'".formatted(role, this.schema));
			execute("GRANT USAGE ON SCHEMA %s TO %s".formatted(this.schema, role));
			assertThatRefused(application, this.table).withMessageEndingWith(": INSERT");
			execute("GRANT INSERT ON %s TO %s".formatted(this.table, role));
			assertThatCode(() -> SchemaCheck.verify(application, this.table)).doesNotThrowAnyException();
			execute("GRANT SELECT ON %s TO %s".formatted(this.table.qualify("pg_task_paused"), role));
			assertThatExceptionOfType(PgTaskConfigurationException.class)
				.isThrownBy(() -> SchemaCheck.verifyForWorker(application, this.table))
				.withMessageContaining("user %s lacks privileges on the table pg_task in".formatted(role))
				.withMessageEndingWith(": SELECT, UPDATE, DELETE");
			execute("GRANT SELECT, UPDATE, DELETE ON %s TO %s".formatted(this.table, role));
			assertThatCode(() -> SchemaCheck.verifyForWorker(application, this.table)).doesNotThrowAnyException();
			execute("REVOKE SELECT ON %s FROM %s".formatted(this.table.qualify("pg_task_paused"), role));
			assertThatExceptionOfType(PgTaskConfigurationException.class)
				.isThrownBy(() -> SchemaCheck.verifyForWorker(application, this.table))
				.withMessageContaining("lacks privileges on the table pg_task_paused in")
				.withMessageEndingWith(": SELECT");
		}
		finally {
			execute("DROP OWNED BY %1$s; DROP ROLE %1$s".formatted(role));
		}
	}

	@Test
	void whoKeepsAHistoryNeedsPrivilegesOnItAndNoneOtherwise() throws SQLException {
		TaskSchema.create(this.database.dataSource(), this.table, false);
		TaskTable keeping = this.table.keeping(HistorySettings.ALL.withDeadTasks(true));
		String role = "app_" + this.schema;
		execute("CREATE ROLE %s LOGIN".formatted(role));
		try {
			DataSource application = connectedAs(role);
			execute("GRANT USAGE ON SCHEMA %1$s TO %2$s; GRANT SELECT, INSERT, UPDATE, DELETE ON %3$s, %4$s TO %2$s"
				.formatted(this.schema, role, this.table, this.table.qualify("pg_task_paused")));
			assertThatCode(() -> SchemaCheck.verifyForWorker(application, this.table)).doesNotThrowAnyException();
			assertThatExceptionOfType(PgTaskConfigurationException.class)
				.isThrownBy(() -> SchemaCheck.verifyForWorker(application, keeping))
				.withMessageContaining("pg_task_dead")
				.withMessageEndingWith(": SELECT, INSERT, UPDATE, DELETE");
			execute("GRANT SELECT, INSERT, UPDATE, DELETE ON %s TO %s".formatted(this.table.qualify("pg_task_dead"),
					role));
			assertThatExceptionOfType(PgTaskConfigurationException.class)
				.isThrownBy(() -> SchemaCheck.verifyForWorker(application, keeping))
				.withMessageContaining("pg_task_history")
				.withMessageEndingWith(": SELECT, INSERT");
			execute("GRANT SELECT, INSERT ON %s TO %s".formatted(this.table.qualify("pg_task_history"), role));
			assertThatCode(() -> SchemaCheck.verifyForWorker(application, keeping)).doesNotThrowAnyException();
			assertThatExceptionOfType(PgTaskConfigurationException.class)
				.isThrownBy(() -> SchemaCheck.verifyForHousekeeping(application, keeping))
				.withMessageContaining("pg_task_history_prune(retention interval")
				.satisfies((ex) -> assertThat(ex.getAction()).contains("pg-task.housekeeping.enabled"));
			execute("""
					GRANT EXECUTE ON FUNCTION %1$s.pg_task_history_due, %1$s.pg_task_history_prepare,
						%1$s.pg_task_history_prune TO %2$s""".formatted(this.schema, role));
			assertThatCode(() -> SchemaCheck.verifyForHousekeeping(application, keeping)).doesNotThrowAnyException();
			assertThat(new JdbcTaskHousekeeping(application, keeping, HousekeepingSettings.DEFAULT).run().created())
				.as("made by somebody who owns nothing")
				.hasSize(4);
		}
		finally {
			execute("DROP OWNED BY %1$s; DROP ROLE %1$s".formatted(role));
		}
	}

	@Test
	void refusesAnotherDatabase() {
		assertThatRefused(claiming("H2", 2), this.table).withMessageContaining("but its DataSource leads to H2")
			.satisfies((ex) -> assertThat(ex.getAction()).contains("spring.datasource.url", "@PgTaskDataSource"));
	}

	@Test
	void refusesAServerThatIsTooOld() {
		assertThatRefused(claiming("PostgreSQL", 14), this.table)
			.withMessageContaining("pg-task needs PostgreSQL 15 or later, but the server is ");
	}

	@Test
	void doesNotBlameTheConfigurationForAnOutage() {
		PGSimpleDataSource nobody = new PGSimpleDataSource();
		nobody.setUrl("jdbc:postgresql://localhost:1/none");
		assertThatExceptionOfType(DataAccessException.class).isThrownBy(() -> SchemaCheck.verify(nobody, this.table));
	}

	private static ThrowableAssertAlternative<PgTaskConfigurationException> assertThatRefused(DataSource dataSource,
			TaskTable table) {
		return assertThatExceptionOfType(PgTaskConfigurationException.class)
			.isThrownBy(() -> SchemaCheck.verify(dataSource, table));
	}

	private SchemaState state() throws SQLException {
		try (Connection connection = this.database.openConnection()) {
			return SchemaState.read(connection, this.table);
		}
	}

	private DataSource searching(String... schemas) {
		PGSimpleDataSource dataSource = connectedAs(this.database.username());
		dataSource.setCurrentSchema(String.join(",", schemas));
		return dataSource;
	}

	private PGSimpleDataSource connectedAs(String user) {
		PGSimpleDataSource dataSource = new PGSimpleDataSource();
		dataSource.setUrl(this.database.url());
		dataSource.setUser(user);
		dataSource.setPassword(this.database.password());
		return dataSource;
	}

	/*
	 * Real servers that are too old, or no PostgreSQL, would be a download each for what
	 * their metadata says.
	 */
	private DataSource claiming(String product, int major) {
		return new DelegatingDataSource(this.database.dataSource()) {

			@Override
			public Connection getConnection() throws SQLException {
				Connection connection = super.getConnection();
				return proxy(Connection.class, connection, (method) -> switch (method) {
					case "getMetaData" ->
						proxy(DatabaseMetaData.class, connection.getMetaData(), (question) -> switch (question) {
							case "getDatabaseProductName" -> product;
							case "getDatabaseMajorVersion" -> major;
							default -> null;
						});
					default -> null;
				});
			}

		};
	}

	private static <T> T proxy(Class<T> type, T target, Answers answers) {
		return type
			.cast(Proxy.newProxyInstance(type.getClassLoader(), new Class<?>[] { type }, (proxy, method, args) -> {
				Object answer = answers.to(method.getName());
				return (answer != null) ? answer : method.invoke(target, args);
			}));
	}

	private void execute(String sql) throws SQLException {
		try (Connection connection = this.database.openConnection();
				Statement statement = connection.createStatement()) {
			statement.execute(sql);
		}
	}

	private interface Answers {

		@org.jspecify.annotations.Nullable
		Object to(String method) throws SQLException;

	}

}
