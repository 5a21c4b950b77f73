package io.pgtask.worker;

import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

import com.zaxxer.hikari.HikariDataSource;
import io.pgtask.NextStep;
import io.pgtask.test.TaskTableTest;
import io.pgtask.test.TestDatabase;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * Tests for {@link Assistant}: when there are two connections that claim, and that they
 * do not get in each other's way.
 */
@TaskTableTest
class AssistantTests {

	private static final int BACKLOG = 20_000;

	/** At 2 ms each and with all slots at work, enough for half a minute. */
	private static final int SLOW = 60_000;

	private static final WorkerSettings PATIENT = WorkerHarness.QUICK.withLease(Duration.ofSeconds(30),
			Duration.ofSeconds(10));

	/** What the worker keeps for itself. */
	private static final int OWN = WorkerHarness.QUICK.connections();

	private final WorkerHarness harness;

	private final HikariDataSource pool;

	private final AtomicInteger mostConnections = new AtomicInteger();

	private final AtomicInteger runs = new AtomicInteger();

	private final Set<String> names = ConcurrentHashMap.newKeySet();

	AssistantTests(TestDatabase database) {
		this.harness = new WorkerHarness(database);
		this.pool = this.harness.impatientPool(10);
	}

	@AfterEach
	void stopWorkers() throws Exception {
		this.harness.stopAll();
	}

	@Test
	void aBacklogOfFastStepsIsClaimedOnASecondConnectionThatIsThenGivenBack() {
		drain(BACKLOG, Duration.ZERO);
		assertThat(this.mostConnections.get()).isEqualTo(OWN + 1);
		await().until(() -> this.pool.getHikariPoolMXBean().getActiveConnections() == OWN);
	}

	@Test
	void ofTwoConnectionsThatClaimNeitherLosesNorRepeatsATask() {
		drain(BACKLOG, Duration.ZERO);
		assertThat(this.names).hasSize(BACKLOG);
		assertThat(this.runs).hasValue(BACKLOG);
	}

	@Test
	void stepsThatMayBeUsingTheDatabaseLoseNoConnectionToASecondOne() {
		drain(400, Duration.ofMillis(2));
		assertThat(this.mostConnections.get()).isEqualTo(OWN);
	}

	@Test
	void theSecondConnectionIsGivenBackWhileWorkGoesOnMoreSlowly() {
		this.harness.start((state, context) -> {
			if (this.runs.incrementAndGet() > BACKLOG) {
				Thread.sleep(2);
			}
			this.mostConnections.accumulateAndGet(this.pool.getHikariPoolMXBean().getActiveConnections(), Math::max);
			return NextStep.done();
		});
		this.harness.insertMany(BACKLOG + SLOW);
		this.harness.run(PATIENT, this.pool);
		await().atMost(Duration.ofSeconds(20)).until(() -> this.runs.get() > BACKLOG);
		assertThat(this.mostConnections.get()).isEqualTo(OWN + 1);
		await().atMost(Duration.ofSeconds(20))
			.until(() -> this.pool.getHikariPoolMXBean().getActiveConnections() == OWN);
		assertThat(this.runs.get()).as("work goes on").isLessThan(BACKLOG + SLOW);
	}

	@Test
	void aBacklogWaitsForTheWriterAndNoStepIsRepeated() {
		UnreliableDataSource dataSource = new UnreliableDataSource(this.pool);
		dataSource.failFor(UnreliableDataSource.WRITER, "08006");
		Worker worker = runThreeSteps(dataSource);
		await().atMost(Duration.ofSeconds(20)).until(() -> worker.status().trouble() != null);
		dataSource.recover(UnreliableDataSource.WRITER);
		await().atMost(Duration.ofSeconds(30)).until(() -> this.harness.count() == 0);
		assertThat(this.runs).as("no step is repeated").hasValue(3 * BACKLOG);
	}

	@Test
	void outcomesThatTheSecondConnectionLosesAreSavedByTheWriter() {
		UnreliableDataSource dataSource = new UnreliableDataSource(this.pool);
		dataSource.refuseStatementsOf("pg-task-assistant", "08006");
		runThreeSteps(dataSource);
		await().atMost(Duration.ofSeconds(30)).until(() -> this.harness.count() == 0);
		assertThat(dataSource.statements("pg-task-assistant")).isPositive();
		assertThat(this.runs).as("no step is repeated").hasValue(3 * BACKLOG);
	}

	private Worker runThreeSteps(UnreliableDataSource dataSource) {
		this.harness.start((state, context) -> next(new Journey.Middle(state.name())))
			.middle((state, context) -> next(new Journey.End(state.name())))
			.end((state, context) -> {
				this.runs.incrementAndGet();
				return NextStep.done();
			});
		this.harness.insertMany(BACKLOG);
		return this.harness.run(PATIENT, dataSource);
	}

	private NextStep<Journey> next(Journey state) {
		this.runs.incrementAndGet();
		return NextStep.now(state);
	}

	private void drain(int tasks, Duration step) {
		this.harness.start((state, context) -> {
			this.mostConnections.accumulateAndGet(this.pool.getHikariPoolMXBean().getActiveConnections(), Math::max);
			this.runs.incrementAndGet();
			this.names.add(state.name());
			Thread.sleep(step.toMillis());
			return NextStep.done();
		});
		this.harness.insertMany(tasks);
		this.harness.run(PATIENT, this.pool);
		await().atMost(Duration.ofSeconds(20)).until(() -> this.harness.count() == 0);
	}

}
