package io.pgtask.worker;

import java.time.Duration;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;

import io.pgtask.TaskErrorEvent;
import io.pgtask.TaskErrorListener;
import io.pgtask.store.TaskTable;
import io.pgtask.test.PostgresTest;
import io.pgtask.test.TaskSchema;
import io.pgtask.test.TestDatabase;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

import org.springframework.dao.DataAccessResourceFailureException;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * Tests for {@link TaskErrorSubscription}.
 */
@PostgresTest
class TaskErrorSubscriptionTests {

	private final List<TaskErrorEvent> events = new CopyOnWriteArrayList<>();

	private final TestDatabase database;

	private final WorkerHarness harness;

	private TaskErrorSubscription subscription;

	TaskErrorSubscriptionTests(TestDatabase database) {
		this.database = database;
		this.harness = new WorkerHarness(database);
		this.subscription = subscribe(this.events::add);
	}

	@BeforeAll
	static void createTable(TestDatabase database) {
		TaskSchema.create(database.dataSource());
	}

	@AfterEach
	void stop() {
		this.subscription.stop();
	}

	@Test
	void tellsOfATaskThatAWorkerOnAnotherNodeParks() throws Exception {
		this.harness.retry(1, Duration.ofMillis(10)).start((state, context) -> {
			throw new IllegalStateException("no luck");
		});
		Worker worker = this.harness.worker();
		worker.start();
		UUID id = this.harness.insert("Start", "a");
		await().until(() -> this.events.size() == 1);
		worker.stop().get(10, TimeUnit.SECONDS);
		TaskErrorEvent event = this.events.get(0);
		assertThat(event.taskId()).isEqualTo(id);
		assertThat(event.taskType()).isEqualTo("Journey");
		assertThat(event.step()).isEqualTo("Start");
		assertThat(event.error()).isEqualTo("java.lang.IllegalStateException: no luck");
		assertThat(event.tried()).isEqualTo(2);
	}

	@Test
	void everyNodeThatAsksIsToldOnce() {
		List<TaskErrorEvent> elsewhere = new CopyOnWriteArrayList<>();
		TaskErrorSubscription other = subscribe(elsewhere::add);
		try {
			List<UUID> parked = List.of(park("one"), park("two"));
			await().until(() -> this.events.size() >= 2 && elsewhere.size() >= 2);
			assertThat(this.events).extracting(TaskErrorEvent::taskId).isEqualTo(parked);
			assertThat(elsewhere).isEqualTo(this.events);
		}
		finally {
			other.stop();
		}
	}

	@Test
	void tellsOfARowThatPsqlParksAndCarriesOnWhenAListenerFails() {
		this.subscription.stop();
		this.subscription = subscribe((event) -> {
			this.events.add(event);
			throw new IllegalStateException("a listener that fails");
		});
		UUID first = park("one");
		await().until(() -> this.events.size() == 1);
		UUID second = park("two");
		await().until(() -> this.events.size() == 2);
		assertThat(this.events).extracting(TaskErrorEvent::taskId).containsExactly(first, second);
	}

	@Test
	void listensAgainAfterItsConnectionWasCut() {
		this.database.terminateConnections();
		// The cut has also taken the connections of the pool that the test parks rows by.
		await().ignoreException(DataAccessResourceFailureException.class).until(() -> {
			park("after the cut");
			return !this.events.isEmpty();
		});
	}

	@Test
	void aStoppedSubscriptionTellsNothingAndCanBeStartedAgain() {
		this.subscription.stop();
		assertThat(this.subscription.isListening()).isFalse();
		park("unheard");
		this.subscription.start();
		await().until(this.subscription::isListening);
		UUID heard = park("heard");
		await().until(() -> !this.events.isEmpty());
		assertThat(this.events).extracting(TaskErrorEvent::taskId).containsExactly(heard);
	}

	private UUID park(String error) {
		UUID id = this.harness.insertText("{\"Unknown\":{\"Step\":null}}");
		this.harness.jdbc().sql("UPDATE pg_task SET error = ? WHERE id = ?").param(error).param(id).update();
		return id;
	}

	private TaskErrorSubscription subscribe(TaskErrorListener listener) {
		TaskErrorSubscription started = new TaskErrorSubscription(this.database.createPool(2), TaskTable.inSearchPath(),
				listener);
		started.start();
		await().until(started::isListening);
		return started;
	}

}
