package io.pgtask.security;

import java.nio.charset.StandardCharsets;
import java.sql.Array;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;

import io.pgtask.DeadTaskQuery;
import io.pgtask.HistoryQuery;
import io.pgtask.InvalidStateException;
import io.pgtask.OnConflict;
import io.pgtask.PgTaskConfigurationException;
import io.pgtask.PgTaskException;
import io.pgtask.TaskAdmin.ActionResult;
import io.pgtask.TaskOptions;
import io.pgtask.TaskQuery;
import io.pgtask.TaskRequest;
import io.pgtask.TaskSelection;
import io.pgtask.store.HistorySettings;
import io.pgtask.store.TaskTable;
import io.pgtask.test.PostgresTest;
import io.pgtask.test.TaskSchema;
import io.pgtask.test.TestDatabase;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.json.JsonMapper;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

/**
 * Tests that texts of the application never become SQL: the server says of each whether
 * it arrived as it was.
 */
@PostgresTest
class HostileTextTests {

	private static final TaskTable TABLE = TaskTable.inSearchPath().keeping(HistorySettings.ALL.withDeadTasks(true));

	private static final TaskOptions LATER = TaskOptions.DEFAULT.withDelay(Duration.ofHours(1));

	private final TestDatabase database;

	private final Node node;

	HostileTextTests(TestDatabase database) {
		this.database = database;
		this.node = new Node(database.dataSource(), TABLE);
	}

	@BeforeEach
	void createTables() throws SQLException {
		TaskSchema.create(this.database.dataSource());
		try (Connection connection = this.database.openConnection();
				Statement statement = connection.createStatement()) {
			statement.execute("TRUNCATE pg_task, pg_task_paused, pg_task_history, pg_task_dead");
		}
	}

	@AfterEach
	void close() throws Exception {
		this.node.close();
	}

	/** The server takes the names apart again. */
	@Test
	void everyNameOfASchemaIsQuoted() throws SQLException {
		List<String> names = HostileTexts.possible(HostileTexts.COUNT, 63)
			.filter((name) -> name.getBytes(StandardCharsets.UTF_8).length <= 63)
			.toList();
		assertThat(names).hasSizeGreaterThan(HostileTexts.COUNT * 9 / 10);
		List<String> quoted = names.stream().map((name) -> TaskTable.inSchema(name).qualify("pg_task_step")).toList();
		assertThat(count("""
				SELECT count(*) FROM unnest(?::text[], ?::text[]) AS n (name, quoted)
				WHERE parse_ident(quoted) IS DISTINCT FROM ARRAY[name, 'pg_task_step']""", names, quoted)).isZero();
		List<String> statements = names.stream()
			.map((name) -> TaskTable.inSchema(name).sql("{table} {paused} {stepName}"))
			.toList();
		assertThat(count("""
				SELECT count(*) FROM unnest(?::text[], ?::text[]) AS n (name, sql)
				WHERE sql <> replace('@.pg_task @.pg_task_paused @.pg_task_step', '@',
					'"' || replace(name, '"', '""') || '"')""", names, statements)).isZero();
	}

	@Test
	void whatNoDatabaseCanHoldIsRefusedWithAMessage() {
		HostileTexts.impossible(300).forEach((text) -> {
			assertThatExceptionOfType(PgTaskConfigurationException.class).isThrownBy(() -> TaskTable.inSchema(text));
			assertThatExceptionOfType(InvalidStateException.class)
				.isThrownBy(() -> this.node.client().enqueue(new Errand.Fetch(text)));
			assertThatExceptionOfType(PgTaskException.class)
				.isThrownBy(() -> this.node.client().enqueue(new Errand.Fetch(""), LATER.withHeader("header", text)));
			assertThatIllegalArgumentException()
				.isThrownBy(() -> this.node.client().enqueue(new Errand.Fetch(""), LATER.withTags(text)));
			assertThatIllegalArgumentException().isThrownBy(
					() -> this.node.client().enqueue(new Errand.Fetch(""), LATER.withUniqueKey(text, OnConflict.KEEP)));
			assertThatIllegalArgumentException().isThrownBy(() -> this.node.admin().pauseType(text, null));
			assertThat(this.node.admin().find(TaskQuery.of(TaskSelection.all().tagged(text)))).isEmpty();
			assertThat(this.node.history().find(HistoryQuery.all().ofType(text))).isEmpty();
			assertThat(this.node.deadTasks().find(DeadTaskQuery.all().atStep(text))).isEmpty();
		});
	}

	/** Each is a state, a tag, and the name and the value of a header. */
	@Test
	void statesTagsAndHeadersOfManyTasksArriveAsTheyAre() throws SQLException {
		List<String> texts = HostileTexts.possible(HostileTexts.COUNT / 4, TaskOptions.MAX_TAG_LENGTH).toList();
		List<UUID> ids = this.node.client()
			.enqueueAll(texts.stream()
				.map((text) -> new TaskRequest(new Errand.Fetch(text),
						LATER.withTags(text, "other").withHeader(text, text))));
		assertThat(ids).hasSameSizeAs(texts);
		assertThatEveryRowHasItsText(texts, ids);
	}

	@Test
	void statesTagsHeadersAndKeysOfSingleTasksArriveAsTheyAre() throws SQLException {
		List<String> texts = HostileTexts.possible(3000, TaskOptions.MAX_TAG_LENGTH).distinct().toList();
		List<UUID> ids = new ArrayList<>();
		texts.stream()
			.limit(500)
			.forEach((text) -> ids.add(this.node.client()
				.enqueue(new Errand.Fetch(text), LATER.withTags(text, "other").withHeader(text, text))));
		ids.addAll(this.node.client()
			.enqueueAll(texts.stream()
				.skip(500)
				.map((text) -> new TaskRequest(new Errand.Fetch(text),
						LATER.withTags(text, "other").withHeader(text, text).withUniqueKey(text, OnConflict.REJECT)))));
		assertThatEveryRowHasItsText(texts, ids);
		assertThat(count("""
				SELECT count(*) FROM unnest(?::text[], ?::text[]) AS n (text, id) JOIN pg_task t ON t.id = n.id::uuid
				WHERE t.unique_key IS NOT NULL AND t.unique_key <> n.text""", texts, strings(ids))).isZero();
	}

	/** Names of types and steps cannot be chosen so freely in Java, but by SQL. */
	@Test
	void whatIsSearchedForIsTakenLiterally() throws SQLException {
		List<String> texts = HostileTexts.possible(100, TaskOptions.MAX_TAG_LENGTH).distinct().toList();
		insertOneTaskForEach(texts);
		for (String text : texts) {
			TaskSelection all = TaskSelection.all();
			assertThat(this.node.admin().find(TaskQuery.of(all.tagged(text)))).as(text).hasSize(1);
			assertThat(this.node.admin().find(TaskQuery.of(all.withUniqueKey(text)))).as(text).hasSize(1);
			assertThat(this.node.admin().count(all.withErrorContaining("<" + text + ">"))).as(text).isPositive();
			// JSON escapes control characters, which names of steps must not contain.
			int found = text.chars().anyMatch((c) -> c < 0x20) ? 0 : 1;
			assertThat(this.node.admin().find(TaskQuery.of(all.ofType("Hostile").atStep(text)))).as(text)
				.hasSize(found);
			assertThat(this.node.admin().find(TaskQuery.of(all.atStep(text)))).as(text).hasSize(found);
			assertThat(this.node.admin().find(TaskQuery.of(all.ofType(text)))).as(text).isEmpty();
			assertThat(this.node.history().find(HistoryQuery.all().ofType(text).tagged(text))).as(text).isEmpty();
			assertThat(this.node.deadTasks().find(DeadTaskQuery.all().atStep(text).withError(text).tagged(text)))
				.as(text)
				.isEmpty();
			assertThat(this.node.admin().pauseType(text, text)).as(text).isEqualTo(ActionResult.DONE);
		}
		assertThat(this.node.admin().pausedTypes()).extracting((paused) -> paused.taskType())
			.containsExactlyInAnyOrderElementsOf(texts);
	}

	private void insertOneTaskForEach(List<String> texts) throws SQLException {
		try (Connection connection = this.database.openConnection();
				PreparedStatement statement = connection.prepareStatement("""
						INSERT INTO pg_task (step, tags, unique_key, error, wakeup_at)
						VALUES (?, ARRAY[?], ?, ?, now() + interval '1 hour')""")) {
			JsonMapper json = JsonMapper.builder().build();
			for (String text : texts) {
				statement.setString(1, "{\"Hostile\":{" + json.writeValueAsString(text) + ":null}}");
				statement.setString(2, text);
				statement.setString(3, text);
				statement.setString(4, "broken <" + text + ">");
				statement.addBatch();
			}
			statement.executeBatch();
		}
	}

	private void assertThatEveryRowHasItsText(List<String> texts, List<UUID> ids) throws SQLException {
		assertThat(count("""
				SELECT count(*) FROM unnest(?::text[], ?::text[]) AS n (text, id) JOIN pg_task t ON t.id = n.id::uuid
				WHERE t.step::jsonb #>> '{Errand,Fetch,what}' = n.text AND t.tags @> ARRAY[n.text, 'other']
					AND cardinality(t.tags) <= 2 AND t.headers ->> n.text = n.text""", texts, strings(ids)))
			.isEqualTo(texts.size());
	}

	private static List<String> strings(List<UUID> ids) {
		return ids.stream().map(UUID::toString).toList();
	}

	private long count(String sql, List<String> first, List<String> second) throws SQLException {
		try (Connection connection = this.database.openConnection();
				PreparedStatement statement = connection.prepareStatement(sql)) {
			statement.setArray(1, array(connection, first));
			statement.setArray(2, array(connection, second));
			try (ResultSet row = statement.executeQuery()) {
				row.next();
				return row.getLong(1);
			}
		}
	}

	private static Array array(Connection connection, List<String> texts) throws SQLException {
		return connection.createArrayOf("text", texts.toArray(String[]::new));
	}

}
