package io.pgtask.store;

import java.time.Instant;
import java.util.Optional;
import java.util.UUID;

import io.pgtask.TaskErrorEvent;
import io.pgtask.test.TaskTableTest;
import io.pgtask.test.TestDatabase;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;

/**
 * Tests for {@link ParkedTaskReader}.
 */
@TaskTableTest
class ParkedTaskReaderTests {

	private final AdminTasks tasks;

	private final ParkedTaskReader reader;

	ParkedTaskReaderTests(TestDatabase database) {
		this.tasks = new AdminTasks(database);
		this.reader = new ParkedTaskReader(database.dataSource(), TaskTable.inSearchPath());
	}

	@AfterEach
	void close() {
		this.tasks.close();
	}

	@Test
	void aParkedTaskIsReadAsAnEvent() {
		UUID id = this.tasks.insert("{\"Greeter\": {\"ReadName\":1}}");
		assertThat(this.reader.read(id)).isEmpty();
		this.tasks.jdbc()
			.update("UPDATE pg_task SET error = 'no such file', tried = 6, parked_at = '2020-01-02T03:04:05Z'");
		assertThat(this.reader.read(id)).contains(new TaskErrorEvent(id, "Greeter", "ReadName", "no such file", 6,
				Instant.parse("2020-01-02T03:04:05Z")));
		assertThat(this.reader.read(UUID.randomUUID())).isEmpty();
	}

	@Test
	void aTaskParkedByHandIsReadAsAnEvent() {
		UUID id = this.tasks.insert("nonsense");
		this.tasks.jdbc().update("UPDATE pg_task SET error = 'by hand'");
		Optional<TaskErrorEvent> event = this.reader.read(id);
		assertThat(event)
			.contains(new TaskErrorEvent(id, null, null, "by hand", 0, this.tasks.timeOf("updated_at", id)));
	}

	@Test
	void anIdIsRequired() {
		assertThatNullPointerException().isThrownBy(() -> this.reader.read(nothing()));
	}

	@SuppressWarnings({ "NullAway", "TypeParameterUnusedInFormals" })
	private static <T> T nothing() {
		return null;
	}

}
