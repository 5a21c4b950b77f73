package io.pgtask.security;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import java.util.stream.Stream;

import io.pgtask.HistoryQuery;
import io.pgtask.NextStep;
import io.pgtask.OnConflict;
import io.pgtask.TaskOptions;
import io.pgtask.TaskQuery;
import io.pgtask.store.HistorySettings;
import io.pgtask.store.HousekeepingSettings;
import io.pgtask.store.SchemaCheck;
import io.pgtask.store.TaskTable;
import io.pgtask.test.PostgresTest;
import io.pgtask.test.TaskSchema;
import io.pgtask.test.TestDatabase;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Lets a node do all its work in schemas whose names want to be SQL.
 */
@PostgresTest
class HostileSchemaTests {

	private static final List<String> CHOSEN = List.of("{table}", "{paused}", "{history}{dead}{stepName}{historyDue}",
			"\"; DROP SCHEMA public CASCADE; --", "a\"b'c\\d", "$$", "?", ":name", "%s%I", "🎉\u202eعربى",
			"pg task.pg_task", " ");

	private final TestDatabase database;

	HostileSchemaTests(TestDatabase database) {
		this.database = database;
	}

	@Test
	void everythingWorksInEverySchema() throws Exception {
		List<String> names = Stream.concat(CHOSEN.stream(), HostileTexts.possible(12, 15)).distinct().toList();
		for (String name : names) {
			TaskTable table = TaskTable.inSchema(name).keeping(HistorySettings.ALL.withDeadTasks(true));
			TaskSchema.create(this.database.dataSource(), table, false);
			assertThatEverythingWorks(table);
			drop(table);
		}
		assertThat(names).hasSizeGreaterThan(20);
	}

	private void assertThatEverythingWorks(TaskTable table) throws Exception {
		SchemaCheck.verifyForHousekeeping(this.database.dataSource(), table);
		try (Node node = new Node(this.database.dataSource(), table)) {
			assertThat(node.housekeeping(HousekeepingSettings.DEFAULT).run().created()).as(table.name()).hasSize(4);
			node.client().enqueueAll(List.of(new Errand.Deliver("many"), new Errand.Deliver("many")));
			TaskOptions later = TaskOptions.DEFAULT.withDelay(Duration.ofHours(1)).withTags("later");
			UUID id = node.client().enqueue(new Errand.Fetch("a"), later.withUniqueKey("key", OnConflict.KEEP));
			assertThat(node.client().enqueue(new Errand.Fetch("b"), later.withUniqueKey("key", OnConflict.REPLACE)))
				.isEqualTo(id);
			node.client().reserve(new Errand.Fetch("c"), later, Duration.ofMinutes(1));
			node.work((state, context) -> NextStep.now(new Errand.Carry(state.what())),
					(state, context) -> NextStep.now(new Errand.Deliver(state.what())),
					(state, context) -> NextStep.done());
			assertThat(node.client().enqueueAndAwait(new Errand.Fetch("d"), Duration.ofSeconds(30)).isDone()).isTrue();
			node.admin().pauseType("Errand", "for a moment");
			node.admin().resumeType("Errand");
			assertThat(node.admin().find(TaskQuery.all().tagged("later"))).hasSize(2);
			assertThat(node.admin().deleteTagged("later")).isEqualTo(2);
			assertThat(node.history().find(HistoryQuery.all())).as(table.name()).hasSizeGreaterThanOrEqualTo(3);
		}
	}

	private void drop(TaskTable table) throws SQLException {
		try (Connection connection = this.database.openConnection();
				Statement statement = connection.createStatement()) {
			statement.execute("DROP SCHEMA " + table.quotedSchema() + " CASCADE");
		}
	}

}
