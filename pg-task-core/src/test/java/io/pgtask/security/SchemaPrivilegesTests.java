package io.pgtask.security;

import java.util.List;
import java.util.function.BiConsumer;

import javax.sql.DataSource;

import io.pgtask.PgTaskConfigurationException;
import io.pgtask.store.HistorySettings;
import io.pgtask.store.SchemaCheck;
import io.pgtask.store.TaskTable;
import io.pgtask.test.PostgresTest;
import io.pgtask.test.TaskSchema;
import io.pgtask.test.TestDatabase;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

/**
 * Tests for what the schema gives to everybody, and for what the start says where
 * something is missing.
 */
@PostgresTest
class SchemaPrivilegesTests {

	private static final TaskTable TABLE = TaskTable.inSchema("tasks").keeping(HistorySettings.ALL.withDeadTasks(true));

	private final TestDatabase database;

	SchemaPrivilegesTests(TestDatabase database) {
		this.database = database;
	}

	@ParameterizedTest
	@ValueSource(booleans = { false, true })
	void whatRunsAsItsOwnerHasAFixedPathAndIsNotForEverybody(boolean sharedWithRust) throws Exception {
		try (Roles roles = Roles.create(this.database, sharedWithRust)) {
			assertThat(roles.strings("""
					SELECT p.proname FROM pg_proc p WHERE p.pronamespace = 'tasks'::regnamespace AND p.prosecdef
					ORDER BY 1""")).containsExactly("pg_task_history_due", "pg_task_history_prepare",
					"pg_task_history_prune");
			assertThat(roles.strings("""
					SELECT DISTINCT c FROM pg_proc p, unnest(p.proconfig) c
					WHERE p.pronamespace = 'tasks'::regnamespace AND p.prosecdef AND c LIKE 'search_path%'"""))
				.containsExactly("search_path=tasks, pg_temp");
			assertThat(roles.strings("""
					SELECT p.proname FROM pg_proc p
					WHERE p.pronamespace = 'tasks'::regnamespace AND p.prosecdef AND p.proconfig IS NULL""")).isEmpty();
		}
	}

	/** Also where nobody has taken away the default privileges. */
	@Test
	void everybodyGetsNothingButFunctionsWithoutSideEffects() throws Exception {
		try (Roles roles = Roles.create(this.database, false)) {
			roles.executeAsAdministrator("CREATE SCHEMA defaults; SET search_path TO defaults;"
					+ String.join("\n", TaskSchema.files(false).stream().map(TaskSchema::script).toList()));
			try {
				assertThat(roles.strings(
						"""
								SELECT p.proname FROM pg_proc p
								WHERE p.pronamespace = 'defaults'::regnamespace AND has_function_privilege('public', p.oid, 'EXECUTE')
									AND p.prorettype <> 'trigger'::regtype
								ORDER BY 1"""))
					.containsExactly("pg_task_schema", "pg_task_step", "pg_task_type");
				assertThat(roles.strings("""
						SELECT c.relname FROM pg_class c, aclexplode(c.relacl) a
						WHERE c.relnamespace = 'defaults'::regnamespace AND a.grantee = 0""")).isEmpty();
				assertThat(roles.strings("""
						SELECT c.relname FROM pg_class c
						WHERE c.relnamespace = 'defaults'::regnamespace AND c.relkind = 'S'""")).as("sequences")
					.isEmpty();
			}
			finally {
				roles.executeAsAdministrator("DROP SCHEMA defaults CASCADE");
			}
		}
	}

	static List<Arguments> checks() {
		return List.of(check("producer", SchemaCheck::verify), check("reader", SchemaCheck::verifyForReader),
				check("worker", SchemaCheck::verifyForWorker), check("worker", SchemaCheck::verifyForHousekeeping));
	}

	private static Arguments check(String role, BiConsumer<DataSource, TaskTable> check) {
		return arguments(role, check);
	}

	@ParameterizedTest
	@MethodSource("checks")
	void theStatementThatTheStartNamesGrantsWhatIsMissing(String role, BiConsumer<DataSource, TaskTable> check)
			throws Exception {
		try (Roles roles = Roles.create(this.database, false)) {
			DataSource dataSource = roles.pool(role);
			int grants = 0;
			for (String grant = missing(dataSource, check); grant != null; grant = missing(dataSource, check)) {
				assertThat(grant).startsWith("GRANT ").endsWith(" TO " + roles.name(role));
				roles.execute("owner", grant);
				grants++;
			}
			assertThat(grants).isGreaterThanOrEqualTo(3);
		}
	}

	private static @Nullable String missing(DataSource dataSource, BiConsumer<DataSource, TaskTable> check) {
		try {
			check.accept(dataSource, TABLE);
			return null;
		}
		catch (PgTaskConfigurationException ex) {
			return ex.getAction().split("\"")[1];
		}
	}

}
