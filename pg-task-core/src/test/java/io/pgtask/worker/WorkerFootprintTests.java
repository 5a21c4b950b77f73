package io.pgtask.worker;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

import io.pgtask.NextStep;
import io.pgtask.test.TaskTableTest;
import io.pgtask.test.TestDatabase;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * Tests for {@link Worker}: what it asks of the database while it is idle and while steps
 * are running, and how many tasks it holds.
 */
@TaskTableTest
class WorkerFootprintTests {

	private static final int CONCURRENCY = 4;

	/** With what is claimed ahead, whatever waits in the table. */
	private static final int MOST_HELD = CONCURRENCY + Pace.MOST_AHEAD;

	private final TestDatabase database;

	private final WorkerHarness harness;

	private final UnreliableDataSource dataSource;

	private final CountDownLatch finish = new CountDownLatch(1);

	WorkerFootprintTests(TestDatabase database) {
		this.database = database;
		this.harness = new WorkerHarness(database);
		this.dataSource = new UnreliableDataSource(database.createPool(10));
	}

	@AfterEach
	void stopWorkers() throws Exception {
		this.finish.countDown();
		this.harness.stopAll();
	}

	@Test
	void anIdleWorkerSendsOneStatementForEachPollIntervalAndLooksForDeadOnesEveryTwoSeconds() {
		Duration poll = Duration.ofMillis(500);
		Worker worker = this.harness.run(WorkerHarness.QUICK.withPollInterval(poll), this.dataSource);
		await().until(() -> this.dataSource.statements(UnreliableDataSource.CLAIMER) > 1
				&& this.dataSource.statements(UnreliableDataSource.KEEPER) == 1
				&& this.dataSource.statements(UnreliableDataSource.WRITER) > 0
				&& this.dataSource.statements(UnreliableDataSource.LISTENER) > 1 && worker.status().trouble() == null);
		int before = statements();
		int looksBefore = this.dataSource.statements(UnreliableDataSource.LISTENER);
		long begin = System.nanoTime();
		await().during(poll.multipliedBy(10)).atMost(Duration.ofMinutes(1)).until(worker::isRunning);
		int statements = statements() - before;
		int looks = this.dataSource.statements(UnreliableDataSource.LISTENER) - looksBefore;
		long took = System.nanoTime() - begin;
		assertThat(statements).isPositive().isLessThanOrEqualTo(1 + (int) (took / poll.toNanos()));
		assertThat(looks).as("one every two seconds, and a search every ten")
			.isPositive()
			.isLessThanOrEqualTo(2 + (int) (took / 2_000_000_000L) + (int) (took / 10_000_000_000L));
	}

	@Test
	void onlyOneOfTheIdleWorkersLooksForDeadOnes() {
		UnreliableDataSource otherDataSource = new UnreliableDataSource(this.database.createPool(10));
		Worker worker = this.harness.run(WorkerHarness.QUICK, this.dataSource);
		Worker other = this.harness.run(WorkerHarness.QUICK, otherDataSource);
		await().atMost(Duration.ofSeconds(30))
			.until(() -> worker.status().present() && other.status().present()
					&& worker.status().observing() != other.status().observing());
		UnreliableDataSource idle = worker.status().observing() ? otherDataSource : this.dataSource;
		int before = idle.statements(UnreliableDataSource.LISTENER);
		await().during(Duration.ofSeconds(5)).atMost(Duration.ofSeconds(30)).until(worker::isRunning);
		assertThat(idle.statements(UnreliableDataSource.LISTENER) - before).isZero();
	}

	@Test
	void aThousandRunningStepsCostOneRenewalForEachHeartbeatAndTwoLooksForEachSecond() {
		int steps = 1000;
		Duration heartbeat = Duration.ofSeconds(1);
		AtomicInteger running = new AtomicInteger();
		AtomicInteger renewed = new AtomicInteger();
		this.harness.start((state, context) -> {
			running.incrementAndGet();
			this.finish.await();
			return NextStep.done();
		}).insertMany(steps);
		this.harness.run(WorkerHarness.QUICK.withConcurrency(steps).withLease(Duration.ofSeconds(9), heartbeat),
				(builder) -> builder.events(new WorkerEvents() {

					@Override
					public void renewed(int leases) {
						renewed.addAndGet(leases);
					}

				}), this.dataSource);
		await().until(() -> running.get() == steps);
		int before = this.dataSource.statements(UnreliableDataSource.KEEPER);
		long begin = System.nanoTime();
		await().atMost(Duration.ofMinutes(1)).until(() -> renewed.get() >= 2 * steps);
		int statements = this.dataSource.statements(UnreliableDataSource.KEEPER) - before;
		// It renews the leases, and looks what operators ask.
		assertThat(statements).isLessThanOrEqualTo(3 + (int) (3 * (System.nanoTime() - begin) / heartbeat.toNanos()));
		assertThat(running).as("started but once").hasValue(steps);
	}

	@Test
	void shortStepsAreNotRenewed() {
		this.harness.start((state, context) -> NextStep.done()).insertMany(5000);
		this.harness.run(WorkerHarness.QUICK.withLease(Duration.ofMinutes(1), Duration.ofMillis(200)), this.dataSource);
		await().until(() -> this.harness.count() == 0);
		assertThat(this.dataSource.statements(UnreliableDataSource.KEEPER))
			.as("the statement that reserves the connection")
			.isLessThanOrEqualTo(1);
	}

	@Test
	void howManyTasksAreHeldDoesNotDependOnTheBacklog() {
		int backlog = 30_000;
		AtomicInteger mostHeld = new AtomicInteger();
		this.harness.start((state, context) -> NextStep.done()).insertMany(backlog);
		Worker worker = this.harness.run(settings());
		await().pollInterval(Duration.ofMillis(5)).atMost(Duration.ofMinutes(1)).until(() -> {
			mostHeld.accumulateAndGet(worker.status().running() + worker.status().waiting(), Math::max);
			return this.harness.count() == 0;
		});
		assertThat(mostHeld.get()).isBetween(1, MOST_HELD);
	}

	@Test
	void whatWasClaimedAheadIsGivenBackWhenItCannotStartAndWhenTheWorkerStops() throws Exception {
		AtomicInteger quick = new AtomicInteger();
		this.harness.start((state, context) -> {
			if (quick.incrementAndGet() > 2000) {
				this.finish.await();
			}
			return NextStep.done();
		}).insertMany(10_000);
		Worker worker = this.harness.run(settings());
		await().until(() -> quick.get() >= 2000 + CONCURRENCY);
		assertThat(worker.status().running() + worker.status().waiting()).isBetween(CONCURRENCY, MOST_HELD);
		await().untilAsserted(() -> assertThat(leased()).as("those that are running").isEqualTo(CONCURRENCY));
		assertThat(worker.status().waiting()).isZero();
		this.finish.countDown();
		await().until(() -> quick.get() > 2500);
		worker.stop().get(30, TimeUnit.SECONDS);
		assertThat(leased()).isZero();
	}

	private static WorkerSettings settings() {
		return WorkerHarness.QUICK.withConcurrency(CONCURRENCY)
			.withLease(Duration.ofSeconds(30), Duration.ofSeconds(1));
	}

	private int leased() {
		return this.harness.jdbc()
			.sql("SELECT count(*) FROM pg_task WHERE locked_by IS NOT NULL")
			.query(Integer.class)
			.single();
	}

	private int statements() {
		return List.of(UnreliableDataSource.CLAIMER, UnreliableDataSource.KEEPER, UnreliableDataSource.WRITER)
			.stream()
			.mapToInt(this.dataSource::statements)
			.sum();
	}

}
