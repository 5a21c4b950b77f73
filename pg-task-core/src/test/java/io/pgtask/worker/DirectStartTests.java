package io.pgtask.worker;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
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
import io.pgtask.OnConflict;
import io.pgtask.TaskAdmin.ActionResult;
import io.pgtask.TaskOptions;
import io.pgtask.store.ClaimedTask;
import io.pgtask.store.DirectOffer;
import io.pgtask.store.DirectRow;
import io.pgtask.store.TaskTable;
import io.pgtask.test.ForkedJvm;
import io.pgtask.test.PostgresTest;
import io.pgtask.test.TaskSchema;
import io.pgtask.test.TestDatabase;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * Tests for {@link Worker}: tasks that it starts directly when the client has committed
 * them.
 */
@PostgresTest
@Timeout(120)
class DirectStartTests {

	private static final Journey.Start STATE = new Journey.Start("a");

	private static final Journey.Start HELD = new Journey.Start("held");

	private static final WorkerSettings ONE_SLOT = WorkerHarness.QUICK.withConcurrency(1);

	private final TestDatabase database;

	private final DirectHarness harness;

	DirectStartTests(TestDatabase database) {
		this.database = database;
		this.harness = new DirectHarness(database);
	}

	@BeforeAll
	static void createTable(TestDatabase database) {
		TaskSchema.create(database.dataSource());
	}

	@BeforeEach
	void emptyTable() {
		this.harness.workers().jdbc().sql("TRUNCATE pg_task, pg_task_paused").update();
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
	void nothingOfAPausedTypeIsStartedOrOffered() {
		Worker worker = this.harness.run();
		this.harness.admin().pauseType("Journey", null);
		await().until(() -> worker.status().pausedTypes().contains("Journey"));
		assertThat(DirectHarness.offers(worker)).isFalse();
		this.harness.client().enqueue(STATE);
		await().during(Duration.ofSeconds(1)).until(() -> this.harness.begun().isEmpty());
		this.harness.admin().resumeType("Journey");
		assertThat(this.harness.awaitBegun().direct()).isFalse();
		this.harness.awaitEmpty();
		DirectHarness.awaitIdle(worker);
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
	void whatIsNotDueAtOnceOrHasAUniqueKeyIsClaimed() {
		this.harness.run();
		TaskOptions options = TaskOptions.DEFAULT;
		this.harness.client().enqueue(STATE, options.withDelay(Duration.ofMillis(1)));
		this.harness.client().enqueue(STATE, options.withDueAt(Instant.EPOCH));
		this.harness.client().enqueue(STATE, options.withUniqueKey("k", OnConflict.REJECT));
		assertThat(this.harness.awaitBegun(3)).noneMatch(DirectHarness.Begun::direct);
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
	void aTypeOfWhichTheWorkerRunsNoStepIsLeftToOthers() {
		Worker worker = this.harness.run();
		assertThat(DirectHarness.offers(worker, "Elsewhere")).isFalse();
		UUID id = this.harness.client().enqueue(new Elsewhere.Begin());
		assertThat(this.harness.workers().row(id).lockedBy()).isNull();
	}

	@Test
	void withoutAWorkerOrWithOneThatHasStoppedTasksWaitForOthers() throws Exception {
		UUID first = this.harness.client().enqueue(STATE);
		assertThat(this.harness.workers().row(first).lockedBy()).isNull();
		Worker worker = this.harness.run();
		this.harness.awaitEmpty();
		worker.stop().get(20, TimeUnit.SECONDS);
		assertThat(DirectHarness.offers(worker)).isFalse();
		UUID second = this.harness.client().enqueue(STATE);
		assertThat(this.harness.workers().row(second).lockedBy()).isNull();
		worker.start();
		this.harness.awaitEmpty();
	}

	@Test
	void aTaskIsClaimedWhenEverySlotIsTaken() {
		Worker worker = this.harness.run(ONE_SLOT);
		this.harness.client().enqueue(HELD);
		this.harness.awaitBegun();
		assertThat(DirectHarness.offers(worker)).isFalse();
		UUID second = this.harness.client().enqueue(STATE);
		assertThat(this.harness.workers().row(second).lockedBy()).isNull();
		this.harness.release();
		this.harness.awaitEmpty();
		assertThat(this.harness.awaitBegun(2).get(1).direct()).isFalse();
	}

	@Test
	void noMoreStartsAreOfferedThanThereAreSlots() {
		Worker worker = this.harness.run();
		List<DirectOffer> offers = new ArrayList<>();
		for (DirectOffer offer = worker.offer("Journey"); offer != null
				&& offers.size() < 10; offer = worker.offer("Journey")) {
			offers.add(offer);
		}
		assertThat(offers).hasSizeBetween(1, WorkerHarness.QUICK.concurrency());
		assertThat(offers.stream().map(DirectOffer::token)).doesNotHaveDuplicates();
		// A transaction that takes long does not keep others from their direct start.
		DirectHarness.awaitIdle(worker);
		offers.forEach(DirectOffer::withdrawn);
	}

	@Test
	void nothingStartsDirectlyWhileSomebodyHasToldOfWorkThatWasNotLookedAtYet() throws SQLException {
		Worker worker = this.harness.run();
		try (Connection blocker = this.database.openConnection(); Statement statement = blocker.createStatement()) {
			blocker.setAutoCommit(false);
			statement.execute("LOCK TABLE pg_task IN ACCESS EXCLUSIVE MODE");
			worker.wake();
			assertThat(DirectHarness.offers(worker)).isFalse();
			await().until(() -> isWaitedFor(statement));
			assertThat(DirectHarness.offers(worker)).as("while the claimer looks").isFalse();
			blocker.rollback();
		}
		DirectHarness.awaitIdle(worker);
	}

	private static boolean isWaitedFor(Statement statement) throws SQLException {
		try (ResultSet waiting = statement.executeQuery("""
				SELECT EXISTS (SELECT FROM pg_locks WHERE relation = 'pg_task'::regclass AND NOT granted)
				""")) {
			waiting.next();
			return waiting.getBoolean(1);
		}
	}

	@Test
	void aProcessThatIsKilledLeavesALeaseThatEnds(@TempDir Path directory) throws Exception {
		try (ForkedJvm process = ForkedJvm.start(DirectProcess.class, directory.resolve("process.log"),
				List.of(this.database.url(), this.database.username(), this.database.password()))) {
			await().atMost(Duration.ofSeconds(60)).until(() -> this.harness.workers().count() == 1);
			process.kill();
		}
		UUID id = this.harness.workers().jdbc().sql("SELECT id FROM pg_task").query(UUID.class).single();
		assertThat(this.harness.workers().row(id)).satisfies((row) -> {
			assertThat(row.lockedBy()).isNotNull();
			assertThat(row.delivery()).isEqualTo(1);
		});
		this.harness.workers().run();
		assertThat(this.harness.awaitBegun().delivery()).isEqualTo(2);
		this.harness.awaitEmpty();
	}

	@Test
	void aProcessThatDiesBeforeTheStartLeavesALeaseThatEnds() {
		this.harness.directStarts().localWorker((taskType) -> new DeadOffer());
		UUID id = this.harness.client().enqueue(STATE);
		assertThat(this.harness.workers().row(id)).satisfies((row) -> {
			assertThat(row.lockedBy()).isEqualTo(DeadOffer.TOKEN);
			assertThat(row.leased()).isTrue();
			assertThat(row.delivery()).isEqualTo(1);
		});
		this.harness.workers().run();
		DirectHarness.Begun begun = this.harness.awaitBegun();
		assertThat(begun.delivery()).isEqualTo(2);
		assertThat(begun.attempt()).isEqualTo(1);
		this.harness.awaitEmpty();
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

	/**
	 * A type that nobody here has steps for.
	 */
	sealed interface Elsewhere {

		record Begin() implements Elsewhere {
		}

	}

	/**
	 * The offer of a process that is not there any more when the row is committed.
	 */
	private static final class DeadOffer implements DirectOffer {

		static final UUID TOKEN = UUID.fromString("00000000-0000-0000-0000-00000000dead");

		@Override
		public UUID token() {
			return TOKEN;
		}

		@Override
		public Duration lease() {
			return Duration.ofSeconds(1);
		}

		@Override
		public void committed(DirectRow row, ClaimedTask task) {
			// Nobody is there to hear of it.
		}

		@Override
		public void unconfirmed(DirectRow row, boolean certain) {
			// Nobody is there to hear of it.
		}

		@Override
		public void withdrawn() {
			// Nobody is there to hear of it.
		}

	}

}
