package io.pgtask.worker;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;

import com.zaxxer.hikari.HikariDataSource;
import io.pgtask.NextStep;
import io.pgtask.TaskAdmin.ActionResult;
import io.pgtask.TaskOptions;
import io.pgtask.store.TaskTable;
import io.pgtask.test.TaskTableTest;
import io.pgtask.test.TestDatabase;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * Tests for {@link Worker}: tasks that it starts directly when the client has committed
 * them.
 */
@TaskTableTest
@Timeout(120)
class DirectStartTests {

	private static final Journey.Start STATE = new Journey.Start("a");

	private static final Journey.Start HELD = new Journey.Start("held");

	private final TestDatabase database;

	private final DirectHarness harness;

	DirectStartTests(TestDatabase database) {
		this.database = database;
		this.harness = new DirectHarness(database);
	}

	@AfterEach
	void close() throws Exception {
		this.harness.close();
	}

	@Test
	void aTaskStartsWithAllThatAClaimWouldHaveBrought() {
		this.harness.run();
		UUID id = this.harness.client().enqueue(STATE, TaskOptions.DEFAULT.withHeader("tenant", "a"));
		DirectHarness.Begun begun = this.harness.awaitBegun();
		assertThat(begun.id()).isEqualTo(id);
		assertThat(begun.direct()).isTrue();
		assertThat(begun.attempt()).isEqualTo(1);
		assertThat(begun.delivery()).isEqualTo(1);
		assertThat(begun.headers()).containsOnlyKeys("tenant").containsEntry("tenant", "a");
		assertThat(begun.leaseDeadline()).isEqualTo(begun.leaseEnd());
		assertThat(begun.leaseRemaining()).isBetween(Duration.ofMillis(1), WorkerHarness.QUICK.leaseTimeout());
		this.harness.awaitEmpty();
		assertThat(this.harness.claimed()).isEqualTo(1);
	}

	@Test
	void theStepGetsWhatTheRowHoldsAndNotTheObjectOfTheCaller() {
		this.harness.run();
		this.harness.client().enqueue(STATE);
		DirectHarness.Begun begun = this.harness.awaitBegun();
		assertThat(begun.direct()).isTrue();
		assertThat(begun.state()).isEqualTo(STATE).isNotSameAs(STATE);
	}

	@Test
	void aFailedAttemptIsRetriedAndTheNextStepsFollow() {
		List<String> log = new ArrayList<>();
		this.harness.workers().retry(1, Duration.ZERO).start((state, context) -> {
			log.add("start " + context.attempt());
			if (context.attempt() == 1) {
				throw new IllegalStateException("no luck");
			}
			return NextStep.now(new Journey.Middle(state.name()));
		}).middle((state, context) -> {
			log.add("middle " + context.delivery());
			return NextStep.done();
		});
		this.harness.run();
		this.harness.client().enqueue(STATE);
		this.harness.awaitEmpty();
		assertThat(log).containsExactly("start 1", "start 2", "middle 1");
	}

	@Test
	void aTaskThatHasStartedDirectlyIsCancelledLikeAnyOther() {
		this.harness.run();
		UUID id = this.harness.client().enqueue(new Journey.Start("held"));
		assertThat(this.harness.awaitBegun().direct()).isTrue();
		assertThat(this.harness.admin().cancel(id)).isEqualTo(ActionResult.REQUESTED);
		this.harness.awaitEmpty();
		assertThat(this.harness.begun()).hasSize(1);
	}

	@Test
	void aLongStepKeepsItsLease() {
		this.harness.workers().start((state, context) -> {
			TimeUnit.SECONDS.sleep(3);
			return (context.delivery() == 1) ? NextStep.done() : NextStep.now(new Journey.Middle("run again"));
		}).middle((state, context) -> {
			throw new IllegalStateException("The lease was lost");
		});
		this.harness.run(WorkerHarness.QUICK.withLease(Duration.ofSeconds(2), Duration.ofMillis(500)));
		this.harness.client().enqueue(STATE);
		this.harness.awaitEmpty();
	}

	@Test
	void prioritiesTagsAndHeadersAreThoseOfTheTask() {
		this.harness.run();
		UUID id = this.harness.client()
			.enqueue(HELD, TaskOptions.DEFAULT.withPriority(7).withTags("x").withHeader("k", "v"));
		assertThat(this.harness.awaitBegun().direct()).isTrue();
		assertThat(this.harness.workers()
			.jdbc()
			.sql("SELECT priority || ' ' || array_to_string(tags, ',') || ' ' || headers FROM pg_task WHERE id = ?")
			.param(id)
			.query(String.class)
			.single()).isEqualTo("7 x {\"k\": \"v\"}");
	}

	@Test
	void aDeadlineIsKept() {
		this.harness.run();
		UUID late = this.harness.client()
			.enqueue(STATE, TaskOptions.DEFAULT.withDeadline(Instant.now().minusSeconds(3600)));
		await().until(() -> this.harness.workers().isParked(late));
		assertThat(this.harness.workers().row(late).error()).startsWith("expired: not started by ");
		assertThat(this.harness.begun()).isEmpty();
		this.harness.client().enqueue(STATE, TaskOptions.DEFAULT.withDeadline(Duration.ofHours(1)));
		assertThat(this.harness.awaitBegun().delivery()).isEqualTo(1);
	}

	@Test
	void aStepThatEnqueuesStartsTheNextTaskInAnotherSlot() {
		this.harness.workers().start((state, context) -> {
			if (state.name().equals("first")) {
				this.harness.client().enqueue(new Journey.Middle("second"));
			}
			return NextStep.done();
		});
		this.harness.run();
		this.harness.client().enqueue(new Journey.Start("first"));
		this.harness.awaitEmpty();
	}

	@Test
	void whoeverWaitsForTheEndIsTold() throws Exception {
		try (HikariDataSource pool = this.database.createPool(12);
				TaskEndWatch watch = new TaskEndWatch(pool, TaskTable.inSearchPath(), Duration.ofHours(1), true);
				DirectHarness awaiting = new DirectHarness(this.database, pool, watch)) {
			Worker worker = awaiting.run();
			for (int i = 0; i < 50; i++) {
				DirectHarness.awaitIdle(worker);
				assertThat(awaiting.client().enqueueAndAwait(STATE, Duration.ofSeconds(20)).isDone()).isTrue();
			}
			assertThat(awaiting.begun()).hasSize(50).anyMatch(DirectHarness.Begun::direct);
		}
	}

	@Test
	void ofManyProducersNothingIsLostOrRunTwice() throws Exception {
		int producers = 16;
		int each = 100;
		Worker worker = this.harness.run();
		ExecutorService threads = Executors.newFixedThreadPool(producers);
		Set<UUID> ids;
		try {
			Callable<List<UUID>> work = () -> {
				List<UUID> made = new ArrayList<>();
				for (int i = 0; i < each; i++) {
					made.add(this.harness.client().enqueue(STATE));
				}
				return made;
			};
			List<Future<List<UUID>>> made = new ArrayList<>();
			for (int i = 0; i < producers; i++) {
				made.add(threads.submit(work));
			}
			// In the middle of it the worker stops and starts again.
			this.harness.awaitBegun(each);
			worker.stop().get(20, TimeUnit.SECONDS);
			worker.start();
			List<UUID> all = new ArrayList<>();
			for (Future<List<UUID>> future : made) {
				all.addAll(future.get());
			}
			ids = Set.copyOf(all);
		}
		finally {
			threads.shutdown();
		}
		await().atMost(Duration.ofSeconds(60)).until(() -> this.harness.workers().count() == 0);
		assertThat(this.harness.begun()).hasSize(producers * each).allMatch((begun) -> begun.delivery() == 1);
		assertThat(this.harness.begun().stream().map(DirectHarness.Begun::id).collect(Collectors.toSet()))
			.isEqualTo(ids);
	}

}
