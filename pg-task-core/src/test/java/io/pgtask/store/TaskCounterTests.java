package io.pgtask.store;

import java.time.Duration;
import java.util.List;

import io.pgtask.TaskCount;
import io.pgtask.TaskState;
import io.pgtask.test.TaskTableTest;
import io.pgtask.test.TestDatabase;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link TaskCounter}.
 */
@TaskTableTest
class TaskCounterTests {

	private final AdminTasks tasks;

	private final JdbcTaskAdmin admin;

	TaskCounterTests(TestDatabase database) {
		this.tasks = new AdminTasks(database);
		this.admin = this.tasks.admin();
	}

	@AfterEach
	void close() {
		this.tasks.close();
	}

	@Test
	void tasksAreCountedByTypeAndState() {
		for (TaskState state : TaskState.values()) {
			this.tasks.insert("{\"Greeter\":{\"ReadName\":1}}", state);
			this.tasks.insert("{\"Greeter\":{\"SayHello\":1}}", state);
			this.tasks.insert("nonsense", state);
		}
		this.tasks.insert("{\"Mailer\":{\"Send\":1}}", TaskState.SCHEDULED);
		this.tasks.insert("{\"Sleeper\":{\"Sleep\":1}}", TaskState.ERRORED);
		assertThat(this.admin.counts())
			.extracting((count) -> count.taskType() + " " + count.state() + " " + count.count())
			.containsExactly("Greeter ERRORED 2", "Greeter HELD 2", "Greeter READY 2", "Greeter RUNNING 2",
					"Greeter SCHEDULED 2", "Mailer SCHEDULED 1", "Sleeper ERRORED 1", "null ERRORED 1", "null HELD 1",
					"null READY 1", "null RUNNING 1", "null SCHEDULED 1");
	}

	@Test
	void theAgeOfTheOldestReadyTaskIsThatOfAnyPriority() {
		this.tasks.jdbc().update("""
				INSERT INTO pg_task (step, wakeup_at, priority) VALUES
					('{"Greeter":{"ReadName":1}}', statement_timestamp() - interval '1 min', 9),
					('{"Greeter":{"ReadName":1}}', statement_timestamp() - interval '1 hour', 4),
					('{"Greeter":{"ReadName":1}}', statement_timestamp() - interval '2 min', 0),
					('{"Greeter":{"ReadName":1}}', statement_timestamp() + interval '2 min', 1)""");
		// A lease that has ended makes a task ready from then on.
		this.tasks.jdbc().update("""
				INSERT INTO pg_task (step, wakeup_at, locked_by, lock_expires_at) VALUES
					('{"Mailer":{"Send":1}}', statement_timestamp() - interval '1 day', gen_random_uuid(),
						statement_timestamp() - interval '5 min')""");
		List<TaskCount> counts = this.admin.counts();
		assertThat(counts).extracting(TaskCount::count).containsExactly(3L, 1L, 1L);
		assertThat(counts.get(0).oldestAge()).isBetween(Duration.ofMinutes(60), Duration.ofMinutes(61));
		assertThat(counts.get(1).oldestAge()).isNull();
		assertThat(counts.get(2).oldestAge()).isBetween(Duration.ofMinutes(5), Duration.ofMinutes(6));
	}

	@Test
	void aCountStopsAtTenThousand() {
		this.tasks.jdbc()
			.update("""
					INSERT INTO pg_task (step, wakeup_at, priority, error)
					SELECT '{"Greeter":{"ReadName":1}}', statement_timestamp() + (CASE i % 3 WHEN 0 THEN 1 ELSE -1 END) * i * interval '1 s',
						i % 10, CASE i % 3 WHEN 1 THEN 'failed' END
					FROM generate_series(1, 31000) i""");
		assertThat(this.admin.counts()).extracting((count) -> count.state() + " " + count.count())
			.containsExactly("ERRORED 10000", "READY 10000", "SCHEDULED 10000");
		assertThat(this.admin.counts().get(1).oldestAge()).isBetween(Duration.ofSeconds(30_998),
				Duration.ofSeconds(31_100));
	}

	@Test
	void theTypesThatAreCountedHaveAnEnd() {
		this.tasks.jdbc().update("""
				INSERT INTO pg_task (step) SELECT '{"T' || i || '":{"S":1}}' FROM generate_series(1, 1500) i""");
		assertThat(this.admin.counts()).hasSize(1000);
	}

}
