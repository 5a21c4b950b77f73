package io.pgtask.autoconfigure;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;

import javax.sql.DataSource;

import com.zaxxer.hikari.HikariDataSource;
import io.pgtask.PgTaskConfigurationException;
import io.pgtask.store.TaskTable;
import io.pgtask.test.PostgresServer;
import io.pgtask.test.RustSchema;
import io.pgtask.test.SchemaCatalog;
import io.pgtask.test.TaskSchema;
import io.pgtask.test.TestDatabase;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.postgresql.ds.PGSimpleDataSource;

import org.springframework.dao.DataAccessException;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.awaitility.Awaitility.await;

/**
 * Tests for {@link SchemaMigration}.
 */
class SchemaMigrationTests {

	private static final String MIGRATION_IS_WAITING = """
			SELECT count(*) FROM pg_locks w JOIN pg_locks a ON a.pid = w.pid
			WHERE w.relation = 'pg_task'::regclass AND NOT w.granted AND a.locktype = 'advisory' AND a.granted
			    AND a.database = (SELECT oid FROM pg_database WHERE datname = current_database())""";

	private static final String MIGRATING_BACKEND = """
			SELECT pid FROM pg_locks WHERE locktype = 'advisory' AND granted
			AND database = (SELECT oid FROM pg_database WHERE datname = current_database())""";

	private static List<String> normal;

	private static List<String> shared;

	private TestDatabase database;

	@BeforeAll
	static void describeWhatIsExpected() throws SQLException {
		try (TestDatabase reference = PostgresServer.shared().createDatabase("reference")) {
			TaskSchema.create(reference.dataSource(), TaskTable.inSchema("normal"), false);
			normal = SchemaCatalog.describe(reference, "normal");
			TaskSchema.create(reference.dataSource(), TaskTable.inSchema("shared"), true);
			shared = SchemaCatalog.describe(reference, "shared");
		}
	}

	@BeforeEach
	void createDatabase() {
		this.database = PostgresServer.shared().createDatabase("migration");
	}

	@AfterEach
	void dropDatabase() {
		this.database.close();
	}

	@ParameterizedTest
	@ValueSource(booleans = { false, true })
	void makesTheSchemaOfThePlainSqlFiles(boolean sharedWithRust) throws SQLException {
		migrate(TaskTable.inSearchPath(), sharedWithRust);
		assertThat(describe("public")).isEqualTo(expected(sharedWithRust));
	}

	@Test
	void keepsItsRecordInTablesOfItsOwn() throws SQLException {
		migrate(TaskTable.inSearchPath(), false);
		assertThat(query("SELECT id FROM pg_task_databasechangelog ORDER BY orderexecuted")).containsExactly("01-table",
				"02-options", "03-failures", "04-history", "05-notifications", "normal");
		assertThat(query("SELECT locked FROM pg_task_databasechangeloglock")).containsExactly("f");
		assertThat(query("SELECT to_regclass('databasechangelog')")).containsExactly((String) null);
	}

	@ParameterizedTest
	@ValueSource(strings = { "tasks", "Tasks", "Upper Case", "\"quoted\"", "it's", "back\\slash", "dot.dot",
			"100%_$1 ${x} ? :a", "👋", "select", "--", "naïve", "comma,comma", "-", "a@b" })
	void makesTheSchemaWhateverItsName(String schema) throws SQLException {
		migrate(TaskTable.inSchema(schema), true);
		migrate(TaskTable.inSchema(schema), false);
		assertThat(describe(schema)).isEqualTo(expected(false));
		assertThat(
				query("SELECT relname FROM pg_class WHERE relnamespace <> 'pg_catalog'::regnamespace AND relkind = 'r'"
						+ " AND relnamespace NOT IN ('information_schema'::regnamespace)"))
			.containsExactlyInAnyOrder("pg_task", "pg_task_paused", "pg_task_history_default", "pg_task_dead",
					"pg_task_databasechangelog", "pg_task_databasechangeloglock");
		assertThat(query("SELECT count(DISTINCT relnamespace) FROM pg_class WHERE relname LIKE 'pg\\_task%'"))
			.containsExactly("1");
		assertThat(query("SELECT count(*) FROM pg_class WHERE relnamespace = 'public'::regnamespace"))
			.containsExactly("0");
		assertThat(query("SELECT cardinality(created) FROM "
				+ TaskTable.inSchema(schema).qualify("pg_task_history_prepare") + "(1)"))
			.as("its functions find their tables")
			.containsExactly("2");
	}

	@Test
	void usesTheFirstSchemaOfTheSearchPath() throws SQLException {
		execute("CREATE SCHEMA first; CREATE SCHEMA second");
		new SchemaMigration(searching("nowhere", "first", "second"), TaskTable.inSearchPath(), false).run();
		assertThat(query("SELECT to_regclass('first.pg_task'), to_regclass('second.pg_task')"))
			.containsExactly("first.pg_task", null);
	}

	@Test
	void takesOverTheTableThatTheSearchPathLeadsTo() throws SQLException {
		createRust(RustSchema.LEASES);
		execute("CREATE SCHEMA first");
		new SchemaMigration(searching("first", "public"), TaskTable.inSearchPath(), false).run();
		assertThat(query("SELECT to_regclass('first.pg_task')")).containsExactly((String) null);
		assertThat(describe("public")).isEqualTo(expected(false));
	}

	@ParameterizedTest
	@EnumSource(RustSchema.class)
	void takesOverATableOfTheRustLibrary(RustSchema rust) throws SQLException {
		createRust(rust);
		execute("INSERT INTO pg_task (step, tried, error) VALUES ('{\"Greeter\":null}', 6, 'boom')");
		migrate(TaskTable.inSearchPath(), true);
		assertThat(describe("public")).isEqualTo(expected(true));
		assertThat(query("SELECT task, tried, error, parked_at = updated_at FROM pg_task")).containsExactly("Greeter",
				"6", "boom", "t");
	}

	@Test
	void changesTheModeBackAndForth() throws SQLException {
		for (boolean sharedWithRust : new boolean[] { true, false, true }) {
			migrate(TaskTable.inSearchPath(), sharedWithRust);
			assertThat(describe("public")).isEqualTo(expected(sharedWithRust));
		}
	}

	@Test
	void doesNothingForASchemaThatIsDone() throws SQLException {
		TaskSchema.create(this.database.dataSource());
		migrate(TaskTable.inSearchPath(), false);
		assertThat(query("SELECT to_regclass('pg_task_databasechangelog')")).as("Liquibase has not run")
			.containsExactly((String) null);
	}

	@Test
	void goesOnFromPlainSqlFiles() throws SQLException {
		TaskSchema.create(this.database.dataSource());
		migrate(TaskTable.inSearchPath(), true);
		assertThat(describe("public")).isEqualTo(expected(true));
	}

	@Test
	void leavesANewerSchemaAlone() throws SQLException {
		TaskSchema.create(this.database.dataSource());
		execute("""
				CREATE OR REPLACE FUNCTION pg_task_schema(OUT version int, OUT shared_with_rust boolean)
				LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$SELECT 99, false$$""");
		List<String> newer = describe("public");
		migrate(TaskTable.inSearchPath(), true);
		assertThat(describe("public")).isEqualTo(newer);
	}

	@Test
	void needsOneConnectionAndLeavesItAsItWas() throws SQLException {
		try (HikariDataSource pool = this.database.createPool(1)) {
			pool.setConnectionTimeout(1000);
			List<String> before = settings(pool);
			new SchemaMigration(pool, TaskTable.inSchema("other"), false).run();
			assertThat(settings(pool)).isEqualTo(before);
			assertThat(
					query(pool, "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND pid = pg_backend_pid()"))
				.containsExactly("0");
		}
	}

	@Test
	void worksUnderAStricterIsolationAndTightTimeouts() throws SQLException {
		PGSimpleDataSource dataSource = searching("public");
		dataSource.setOptions("-c default_transaction_isolation=serializable -c statement_timeout=500ms"
				+ " -c idle_in_transaction_session_timeout=20ms");
		migrateAtOnce(List.of(dataSource, dataSource, dataSource));
		assertThat(describe("public")).isEqualTo(expected(false));
	}

	@Test
	void nodesThatStartTogetherMigrateOnce() throws SQLException {
		List<DataSource> nodes = new ArrayList<>();
		for (int node = 0; node < 6; node++) {
			nodes.add(this.database.createPool(1));
		}
		migrateAtOnce(nodes);
		assertThat(describe("public")).isEqualTo(expected(false));
		assertThat(query("SELECT id FROM pg_task_databasechangelog ORDER BY orderexecuted")).containsExactly("01-table",
				"02-options", "03-failures", "04-history", "05-notifications", "normal");
	}

	@Test
	void aNodeKilledInMidMigrationLeavesNothingBehind() throws Exception {
		createRust(RustSchema.UPDATED_AT);
		execute("INSERT INTO pg_task (step) VALUES ('{\"Greeter\":null}')");
		List<String> before = describe("public");
		try (Connection user = this.database.openConnection(); Statement statement = user.createStatement()) {
			user.setAutoCommit(false);
			statement.execute("LOCK TABLE pg_task IN ACCESS SHARE MODE");
			Process node = MigratingNode.start(this.database);
			try {
				await().atMost(Duration.ofMinutes(1)).until(() -> {
					assertThat(node.isAlive()).isTrue();
					return query(MIGRATION_IS_WAITING).equals(List.of("1"));
				});
			}
			finally {
				node.destroyForcibly().waitFor();
			}
			await().atMost(Duration.ofSeconds(20)).until(() -> query(MIGRATING_BACKEND).isEmpty());
			assertThat(describe("public")).isEqualTo(before);
		}
		migrate(TaskTable.inSearchPath(), false);
		assertThat(describe("public")).isEqualTo(expected(false));
		assertThat(query("SELECT task FROM pg_task")).containsExactly("Greeter");
	}

	@Test
	void aConnectionCutInMidMigrationLeavesNothingBehind() throws Exception {
		createRust(RustSchema.LEASES);
		List<String> before = describe("public");
		ExecutorService executor = Executors.newSingleThreadExecutor();
		try (Connection user = this.database.openConnection(); Statement statement = user.createStatement()) {
			user.setAutoCommit(false);
			statement.execute("LOCK TABLE pg_task IN ACCESS SHARE MODE");
			Future<?> cut = executor.submit(() -> assertThatExceptionOfType(DataAccessException.class)
				.isThrownBy(() -> migrate(TaskTable.inSearchPath(), false))
				.withMessageContaining("connection broke while pg-task migrated"));
			await().until(() -> query(MIGRATION_IS_WAITING).equals(List.of("1")));
			execute("SELECT pg_terminate_backend(%s)".formatted(query(MIGRATING_BACKEND).get(0)));
			cut.get(1, TimeUnit.MINUTES);
		}
		finally {
			executor.shutdownNow();
		}
		assertThat(describe("public")).isEqualTo(before);
		migrate(TaskTable.inSearchPath(), false);
		assertThat(describe("public")).isEqualTo(expected(false));
	}

	@Test
	void saysWhichPrivilegeIsMissing() throws SQLException {
		String role = "app_" + this.database.name();
		execute("CREATE ROLE " + role + " LOGIN; REVOKE CREATE ON SCHEMA public FROM PUBLIC");
		try {
			PGSimpleDataSource application = searching("public");
			application.setUser(role);
			assertThatExceptionOfType(PgTaskConfigurationException.class)
				.isThrownBy(() -> new SchemaMigration(application, TaskTable.inSearchPath(), false).run())
				.withMessage("pg-task cannot migrate its table in the search path: permission denied for schema public")
				.satisfies((ex) -> assertThat(ex.getAction()).contains("Grant", "pg-task.liquibase.enabled=false"));
			assertThatExceptionOfType(PgTaskConfigurationException.class)
				.isThrownBy(() -> new SchemaMigration(application, TaskTable.inSchema("mine"), false).run())
				.withMessage("pg-task cannot migrate its table in schema 'mine': permission denied for database "
						+ this.database.name());
			execute("CREATE SCHEMA mine; GRANT ALL ON SCHEMA mine TO " + role);
			new SchemaMigration(application, TaskTable.inSchema("mine"), false).run();
			assertThat(describe("mine")).isEqualTo(expected(false));
		}
		finally {
			execute("DROP OWNED BY %1$s; DROP ROLE %1$s".formatted(role));
		}
	}

	@Test
	void needsNoPrivilegesForASchemaThatIsDone() throws SQLException {
		String role = "app_" + this.database.name();
		migrate(TaskTable.inSchema("tasks"), false);
		execute("CREATE ROLE " + role + " LOGIN");
		try {
			PGSimpleDataSource application = searching("public");
			application.setUser(role);
			new SchemaMigration(application, TaskTable.inSchema("tasks"), false).run();
		}
		finally {
			execute("DROP ROLE " + role);
		}
	}

	@Test
	void saysThatTheTableBelongsToSomeoneElse() throws SQLException {
		execute("CREATE TABLE pg_task (id int)");
		assertThatExceptionOfType(PgTaskConfigurationException.class)
			.isThrownBy(() -> migrate(TaskTable.inSearchPath(), false))
			.withMessageStartingWith(
					"pg-task cannot migrate its table in the search path: public.pg_task exists but is not")
			.satisfies((ex) -> assertThat(ex.getAction()).isEqualTo("Rename it, or give pg-task another schema."));
		assertThat(query("SELECT to_regclass('pg_task_databasechangelog')")).containsExactly((String) null);
	}

	@Test
	void saysThatSomeoneKeepsALock() throws SQLException {
		createRust(RustSchema.LEASES);
		try (Connection user = this.database.openConnection();
				Connection migration = this.database.openConnection();
				Statement statement = migration.createStatement()) {
			user.setAutoCommit(false);
			user.createStatement().execute("LOCK TABLE pg_task");
			statement.execute("SET lock_timeout = '10ms'");
			// The migration itself waits for half a minute.
			assertThatExceptionOfType(SQLException.class)
				.isThrownBy(() -> statement.execute("ALTER TABLE pg_task ADD COLUMN task text"))
				.satisfies((ex) -> assertThat(
						SchemaMigrationFailure.translate(new IllegalStateException(ex), TaskTable.inSearchPath()))
					.isInstanceOfSatisfying(PgTaskConfigurationException.class,
							(failure) -> assertThat(failure.getAction()).contains("keeps a lock", "pg_stat_activity")));
		}
	}

	@Test
	void saysThatThereIsNoSchema() {
		assertThatExceptionOfType(PgTaskConfigurationException.class)
			.isThrownBy(() -> new SchemaMigration(searching("nowhere"), TaskTable.inSearchPath(), false).run())
			.withMessageContaining("No schema of the search path")
			.satisfies((ex) -> assertThat(ex.getAction()).contains("pg-task.schema"));
	}

	@Test
	void doesNotBlameTheConfigurationForAnOutage() {
		PGSimpleDataSource nobody = new PGSimpleDataSource();
		nobody.setUrl("jdbc:postgresql://localhost:1/none");
		assertThatExceptionOfType(DataAccessException.class)
			.isThrownBy(() -> new SchemaMigration(nobody, TaskTable.inSearchPath(), false).run());
	}

	private static void migrateAtOnce(List<? extends DataSource> nodes) {
		ExecutorService executor = Executors.newFixedThreadPool(nodes.size());
		CountDownLatch start = new CountDownLatch(1);
		try {
			List<Future<?>> migrations = new ArrayList<>();
			for (DataSource node : nodes) {
				migrations.add(executor.submit(() -> {
					start.await();
					new SchemaMigration(node, TaskTable.inSearchPath(), false).run();
					return true;
				}));
			}
			start.countDown();
			assertThat(migrations).allSatisfy((migration) -> migration.get(1, TimeUnit.MINUTES));
		}
		finally {
			executor.shutdownNow();
		}
	}

	private void migrate(TaskTable table, boolean sharedWithRust) {
		new SchemaMigration(this.database.dataSource(), table, sharedWithRust).run();
	}

	private void createRust(RustSchema rust) throws SQLException {
		try (Connection connection = this.database.openConnection()) {
			rust.create(connection);
		}
	}

	private static List<String> expected(boolean sharedWithRust) {
		return sharedWithRust ? shared : normal;
	}

	private List<String> describe(String schema) throws SQLException {
		return SchemaCatalog.describe(this.database, schema);
	}

	private PGSimpleDataSource searching(String... schemas) {
		PGSimpleDataSource dataSource = new PGSimpleDataSource();
		dataSource.setUrl(this.database.url());
		dataSource.setUser(this.database.username());
		dataSource.setPassword(this.database.password());
		dataSource.setCurrentSchema(String.join(",", schemas));
		return dataSource;
	}

	private static List<String> settings(DataSource dataSource) throws SQLException {
		return query(dataSource,
				"SELECT name || '=' || setting FROM pg_settings WHERE name NOT LIKE 'plpgsql.%' ORDER BY 1");
	}

	private void execute(String sql) throws SQLException {
		try (Connection connection = this.database.openConnection();
				Statement statement = connection.createStatement()) {
			statement.execute(sql);
		}
	}

	private List<String> query(String sql) throws SQLException {
		return query(this.database.dataSource(), sql);
	}

	private static List<String> query(DataSource dataSource, String sql) throws SQLException {
		List<String> values = new ArrayList<>();
		try (Connection connection = dataSource.getConnection();
				Statement statement = connection.createStatement();
				ResultSet rows = statement.executeQuery(sql)) {
			while (rows.next()) {
				for (int column = 1; column <= rows.getMetaData().getColumnCount(); column++) {
					values.add(rows.getString(column));
				}
			}
		}
		return values;
	}

}
