package io.pgtask.store;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.UUID;
import java.util.logging.Level;
import java.util.logging.Logger;

import io.pgtask.test.PostgresTest;
import io.pgtask.test.RustSchema;
import io.pgtask.test.SchemaCatalog;
import io.pgtask.test.TaskSchema;
import io.pgtask.test.TestDatabase;
import liquibase.Contexts;
import liquibase.LabelExpression;
import liquibase.Liquibase;
import liquibase.Scope;
import liquibase.UpdateSummaryEnum;
import liquibase.database.DatabaseFactory;
import liquibase.database.jvm.JdbcConnection;
import liquibase.resource.ClassLoaderResourceAccessor;
import liquibase.ui.LoggerUIService;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.postgresql.util.PSQLException;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * Tests for the SQL files and the changelog: every way leads to the same schema.
 */
@PostgresTest
class SchemaInstallTests {

	private static final Logger LIQUIBASE_LOGGER = Logger.getLogger("liquibase");

	private final TestDatabase database;

	private final String schema = "s" + UUID.randomUUID().toString().replace("-", "");

	SchemaInstallTests(TestDatabase database) {
		this.database = database;
	}

	@BeforeAll
	static void quieten() {
		LIQUIBASE_LOGGER.setLevel(Level.WARNING);
	}

	@ParameterizedTest
	@ValueSource(booleans = { false, true })
	void liquibaseAndPlainSqlGiveTheSameSchema(boolean sharedWithRust) throws Exception {
		installByLiquibase(this.schema, String.valueOf(sharedWithRust));
		List<String> byLiquibase = describe(this.schema);
		assertThat(byLiquibase).isEqualTo(expected(sharedWithRust));
		assertThat(byLiquibase).hasSizeGreaterThan(30);
	}

	@Test
	void liquibaseChoosesTheNormalModeUnlessItIsTold() throws Exception {
		installByLiquibase(this.schema, null);
		assertThat(describe(this.schema)).isEqualTo(expected(false));
	}

	@Test
	void theModesDiffer() throws SQLException {
		assertThat(expected(true)).isNotEqualTo(expected(false));
	}

	@ParameterizedTest
	@ValueSource(booleans = { false, true })
	void runningTheFilesAgainChangesNothing(boolean sharedWithRust) throws SQLException {
		TaskTable table = TaskTable.inSchema(this.schema);
		TaskSchema.create(this.database.dataSource(), table, sharedWithRust);
		long filenode = queryForLong("SELECT pg_relation_filenode('%s.pg_task')".formatted(this.schema));
		List<String> first = describe(this.schema);
		TaskSchema.create(this.database.dataSource(), table, sharedWithRust);
		assertThat(describe(this.schema)).isEqualTo(first);
		assertThat(queryForLong("SELECT pg_relation_filenode('%s.pg_task')".formatted(this.schema))).as("not rewritten")
			.isEqualTo(filenode);
	}

	@ParameterizedTest
	@ValueSource(booleans = { false, true })
	void theModeCanBeChangedBackAndForth(boolean first) throws Exception {
		installByLiquibase(this.schema, String.valueOf(first));
		installByLiquibase(this.schema, String.valueOf(!first));
		assertThat(describe(this.schema)).isEqualTo(expected(!first));
		installByLiquibase(this.schema, String.valueOf(first));
		assertThat(describe(this.schema)).isEqualTo(expected(first));
	}

	@Test
	void liquibaseRunsTheModeAgainOnlyToChangeIt() throws Exception {
		installByLiquibase(this.schema, "false");
		String executions = "SELECT string_agg(id || ' ' || dateexecuted, ', ' ORDER BY id) FROM %s.databasechangelog"
			.formatted(this.schema);
		String before = query(executions);
		assertThat(before).contains("01-table", "02-options", "03-failures", "04-history", "05-notifications", "normal")
			.doesNotContain("rust");
		installByLiquibase(this.schema, "false");
		assertThat(query(executions)).isEqualTo(before);
	}

	@Test
	void anOlderReleaseLeavesTheFunctionsOfANewerOneAlone() throws Exception {
		TaskSchema.create(this.database.dataSource(), TaskTable.inSchema(this.schema), true);
		execute("""
				CREATE OR REPLACE FUNCTION %s.pg_task_schema(OUT version int, OUT shared_with_rust boolean)
				LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$SELECT 99, true$$""".formatted(this.schema));
		List<String> newer = describe(this.schema);
		installByLiquibase(this.schema, "false");
		assertThat(describe(this.schema)).isEqualTo(newer);
	}

	@ParameterizedTest
	@ValueSource(booleans = { false, true })
	void theFirstVersionIsUpgradedWithoutRewritingTheTable(boolean sharedWithRust) throws Exception {
		installTheFirstVersion(sharedWithRust);
		long filenode = queryForLong("SELECT pg_relation_filenode('%s.pg_task')".formatted(this.schema));
		installByLiquibase(this.schema, String.valueOf(sharedWithRust));
		assertThat(describe(this.schema)).isEqualTo(expected(sharedWithRust));
		assertThat(queryForLong("SELECT pg_relation_filenode('%s.pg_task')".formatted(this.schema)))
			.isEqualTo(filenode);
	}

	@Test
	void theSecondChangeNeedsTheFirst() throws SQLException {
		createRust(RustSchema.LEASES);
		List<String> before = describe(this.schema);
		try (Connection connection = this.database.openConnection();
				Statement statement = connection.createStatement()) {
			statement.execute("SET search_path TO " + this.schema);
			assertThatExceptionOfType(PSQLException.class)
				.isThrownBy(() -> statement.execute(TaskSchema.script("02-options.sql")))
				.withMessageContaining("has no table pg_task of schema change 1")
				.withMessageContaining("Run 01-table.sql first");
		}
		assertThat(describe(this.schema)).isEqualTo(before);
	}

	@ParameterizedTest
	@EnumSource(RustSchema.class)
	void aTableOfTheRustLibraryBecomesTheSame(RustSchema rust) throws SQLException {
		createRust(rust);
		TaskSchema.create(this.database.dataSource(), TaskTable.inSchema(this.schema), false);
		assertThat(describe(this.schema)).isEqualTo(expected(false));
	}

	@ParameterizedTest
	@EnumSource(RustSchema.class)
	void aTableOfTheRustLibraryBecomesTheSameShared(RustSchema rust) throws SQLException {
		createRust(rust);
		TaskSchema.create(this.database.dataSource(), TaskTable.inSchema(this.schema), true);
		assertThat(describe(this.schema)).isEqualTo(expected(true));
	}

	@Test
	void theSharedModeKeepsEveryObjectThatRustMakes() throws SQLException {
		createRust(RustSchema.LEASES);
		List<String> rust = describe(this.schema).stream()
			// The table gets storage parameters.
			.filter((line) -> !line.startsWith("relation "))
			.toList();
		TaskSchema.create(this.database.dataSource(), TaskTable.inSchema(this.schema), true);
		assertThat(describe(this.schema)).containsAll(rust.stream()
			// It has no comment in Rust's migrations.
			.map((line) -> line.startsWith("function CREATE OR REPLACE FUNCTION pg_task_notify_on_change()")
					? line.replace("comment=NULL", "comment='Wakes the workers'") : line)
			.toList());
	}

	@Test
	void everyColumnAndObjectOfOursIsExplained() throws SQLException {
		assertThat(expected(false).stream()
			.filter((line) -> line.startsWith("column ") || line.startsWith("function "))
			// A partition has the columns of its table.
			.filter((line) -> !line.startsWith("column pg_task_history_default."))
			.filter((line) -> line.contains("comment=NULL"))).singleElement()
			.asString()
			.startsWith("column pg_task.id#1 ");
	}

	@Test
	void aTableOfSomeoneElseIsNotTouched() throws SQLException {
		execute("CREATE SCHEMA %1$s; CREATE TABLE %1$s.pg_task (id int, step text)".formatted(this.schema));
		List<String> before = describe(this.schema);
		assertThatExceptionOfType(IllegalStateException.class)
			.isThrownBy(() -> TaskSchema.create(this.database.dataSource(), TaskTable.inSchema(this.schema), false))
			.havingCause()
			.withMessageContaining(
					".pg_task exists but is not a table with the columns id uuid, wakeup_at timestamptz");
		assertThat(describe(this.schema)).isEqualTo(before);
	}

	@Test
	void aTableFurtherDownTheSearchPathIsNotHidden() throws SQLException {
		TaskSchema.create(this.database.dataSource(), TaskTable.inSchema(this.schema), false);
		try (Connection connection = this.database.openConnection();
				Statement statement = connection.createStatement()) {
			statement.execute("CREATE SCHEMA first_of_path");
			statement.execute("SET search_path TO first_of_path, " + this.schema);
			assertThatExceptionOfType(PSQLException.class)
				.isThrownBy(() -> statement.execute(TaskSchema.script("01-table.sql")))
				.withMessageContaining("there is a table pg_task on the search path")
				.withMessageContaining("not in its first schema, first_of_path");
		}
	}

	@Test
	void theFilesNeedASchema() throws SQLException {
		try (Connection connection = this.database.openConnection();
				Statement statement = connection.createStatement()) {
			statement.execute("SET search_path TO nowhere");
			assertThatExceptionOfType(PSQLException.class)
				.isThrownBy(() -> statement.execute(TaskSchema.script("01-table.sql")))
				.withMessageContaining("no schema of the search path (nowhere) exists");
		}
	}

	@Test
	void theFilesLeaveTheSessionAsTheyFoundIt() throws SQLException {
		execute("CREATE SCHEMA " + this.schema);
		try (Connection connection = this.database.openConnection();
				Statement statement = connection.createStatement()) {
			statement.execute("SET search_path TO %s, public".formatted(this.schema));
			statement.execute("SET client_min_messages TO debug1");
			connection.setAutoCommit(false);
			for (String file : List.of("01-table.sql", "02-options.sql", "03-failures.sql", "04-history.sql",
					"05-notifications.sql", "normal.sql", "shared-with-rust.sql")) {
				statement.execute(TaskSchema.script(file));
				assertThat(query(statement, "SHOW search_path")).isEqualTo(this.schema + ", public");
				assertThat(query(statement, "SHOW client_min_messages")).isEqualTo("debug1");
			}
			connection.commit();
		}
	}

	private List<String> expected(boolean sharedWithRust) throws SQLException {
		String name = "expected_" + sharedWithRust;
		TaskSchema.create(this.database.dataSource(), TaskTable.inSchema(name), sharedWithRust);
		return describe(name);
	}

	private void installByLiquibase(String schema, @Nullable String sharedWithRust) throws Exception {
		try (Connection connection = this.database.openConnection();
				Statement statement = connection.createStatement()) {
			statement.execute("CREATE SCHEMA IF NOT EXISTS " + schema);
			statement.execute("SET search_path TO " + schema);
			Liquibase liquibase = new Liquibase("io/pgtask/db/changelog.yaml", new ClassLoaderResourceAccessor(),
					DatabaseFactory.getInstance().findCorrectDatabaseImplementation(new JdbcConnection(connection)));
			liquibase.setShowSummary(UpdateSummaryEnum.OFF);
			if (sharedWithRust != null) {
				liquibase.setChangeLogParameter("pg-task.shared-with-rust", sharedWithRust);
			}
			// The default one writes to the console.
			Scope.child(Scope.Attr.ui, new LoggerUIService(),
					() -> liquibase.update(new Contexts(), new LabelExpression()));
		}
	}

	private void installTheFirstVersion(boolean sharedWithRust) throws SQLException {
		try (Connection connection = this.database.openConnection();
				Statement statement = connection.createStatement()) {
			statement.execute("CREATE SCHEMA " + this.schema);
			statement.execute("SET search_path TO " + this.schema);
			statement.execute(TaskSchema.script("01-table.sql"));
			statement.execute("""
					CREATE FUNCTION pg_task_schema(OUT version int, OUT shared_with_rust boolean)
					LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$SELECT 1, %s$$""".formatted(sharedWithRust));
			statement.execute("INSERT INTO pg_task (step) VALUES ('{\"Greeter\":null}')");
		}
	}

	private void createRust(RustSchema rust) throws SQLException {
		try (Connection connection = this.database.openConnection();
				Statement statement = connection.createStatement()) {
			statement.execute("CREATE SCHEMA " + this.schema);
			statement.execute("SET search_path TO " + this.schema);
			rust.create(connection);
		}
	}

	private List<String> describe(String schema) throws SQLException {
		return SchemaCatalog.describe(this.database, schema);
	}

	private void execute(String sql) throws SQLException {
		try (Connection connection = this.database.openConnection();
				Statement statement = connection.createStatement()) {
			statement.execute(sql);
		}
	}

	private long queryForLong(String sql) throws SQLException {
		return Long.parseLong(query(sql));
	}

	private String query(String sql) throws SQLException {
		try (Connection connection = this.database.openConnection();
				Statement statement = connection.createStatement()) {
			return query(statement, sql);
		}
	}

	private static String query(Statement statement, String sql) throws SQLException {
		try (ResultSet rows = statement.executeQuery(sql)) {
			assertThat(rows.next()).isTrue();
			return rows.getString(1);
		}
	}

}
