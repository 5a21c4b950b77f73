package io.pgtask.store;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;

import io.pgtask.PgTaskConfigurationException;
import io.pgtask.test.PostgresTest;
import io.pgtask.test.TaskSchema;
import io.pgtask.test.TestDatabase;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

/**
 * Tests for {@link TaskTable}.
 */
@PostgresTest
class TaskTableTests {

	@Test
	void leavesTheSchemaToTheSearchPath() {
		TaskTable table = TaskTable.inSearchPath();
		assertThat(table.schema()).isNull();
		assertThat(table.sql("DELETE FROM {table} t WHERE t.id = ? RETURNING {table}.id"))
			.isEqualTo("DELETE FROM pg_task t WHERE t.id = ? RETURNING pg_task.id");
		assertThat(table.qualify("pg_task_schema")).isEqualTo("\"pg_task_schema\"");
		assertThatIllegalStateException().isThrownBy(table::quotedSchema);
	}

	@ParameterizedTest
	@ValueSource(strings = { "tasks", "Upper Case", "\"quoted\"", "it's", "back\\slash", "dot.dot",
			"100%_$1 ? :a {table}", "👋", "select", "--", "naïve" })
	void namesATableInAnySchema(String schema, TestDatabase database) throws SQLException {
		TaskTable table = TaskTable.inSchema(schema);
		TaskSchema.create(database.dataSource(), table, false);
		try (Connection connection = database.openConnection(); Statement statement = connection.createStatement()) {
			statement.execute(table.sql("INSERT INTO {table} (step) VALUES ('{\"Greeter\":{\"SayHello\":null}}')"));
			try (ResultSet rows = statement.executeQuery("""
					SELECT n.nspname, t.task, s.version FROM %s t, %s s, pg_class c
					JOIN pg_namespace n ON n.oid = c.relnamespace
					WHERE c.oid = t.tableoid""".formatted(table.name(), table.qualify("pg_task_schema") + "()"))) {
				assertThat(rows.next()).isTrue();
				assertThat(rows.getString(1)).isEqualTo(schema);
				assertThat(rows.getString(2)).isEqualTo("Greeter");
				assertThat(rows.getInt(3)).isPositive();
			}
		}
	}

	@ParameterizedTest
	@ValueSource(strings = { "", "nul\0character", "a123456789b123456789c123456789d123456789e123456789f123456789g123",
			"👋👋👋👋👋👋👋👋👋👋👋👋👋👋👋👋" })
	void refusesANameThatPostgresCannotHave(String schema) {
		assertThatExceptionOfType(PgTaskConfigurationException.class).isThrownBy(() -> TaskTable.inSchema(schema))
			.withMessageContaining("1 to 63 bytes")
			.satisfies((ex) -> assertThat(ex.getAction()).contains("pg-task.schema"));
	}

	@Test
	void takesTheLongestName() {
		assertThat(TaskTable.inSchema("a".repeat(63)).schema()).hasSize(63);
		assertThat(TaskTable.inSchema("👋".repeat(15)).schema()).isEqualTo("👋".repeat(15));
	}

	@Test
	void isEqualToTheTableOfTheSameSchema() {
		assertThat(TaskTable.inSchema("a")).isEqualTo(TaskTable.inSchema("a"))
			.hasSameHashCodeAs(TaskTable.inSchema("a"));
		assertThat(TaskTable.inSchema("a")).isNotEqualTo(TaskTable.inSchema("A"))
			.isNotEqualTo(TaskTable.inSearchPath());
	}

}
