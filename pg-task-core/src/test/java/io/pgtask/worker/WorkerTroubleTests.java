package io.pgtask.worker;

import java.sql.Connection;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.TimeUnit;

import com.zaxxer.hikari.HikariDataSource;
import io.pgtask.NextStep;
import io.pgtask.test.TaskTableTest;
import io.pgtask.test.TestDatabase;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static io.pgtask.worker.UnreliableDataSource.CLAIMER;
import static io.pgtask.worker.UnreliableDataSource.KEEPER;
import static io.pgtask.worker.UnreliableDataSource.LISTENER;
import static io.pgtask.worker.UnreliableDataSource.WRITER;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * Tests for a {@link Worker} whose database or pool is in trouble: it waits, tells why,
 * and goes on by itself.
 */
@TaskTableTest
class WorkerTroubleTests {

	private static final WorkerSettings SETTINGS = WorkerHarness.QUICK.withPollInterval(Duration.ofHours(1));

	private final TestDatabase database;

	private final WorkerHarness harness;

	private final UnreliableDataSource dataSource;

	WorkerTroubleTests(TestDatabase database) {
		this.database = database;
		this.harness = new WorkerHarness(database);
		this.dataSource = new UnreliableDataSource(database.createPool(10));
	}

	@AfterEach
	void stopWorkers() throws Exception {
		List.of(CLAIMER, KEEPER, WRITER, LISTENER).forEach(this.dataSource::recover);
		this.harness.stopAll();
	}

	@Test
	void aStatementThatTheDatabaseRefusesPausesTheWorkerUntilSomeoneMendsIt() {
		this.harness.jdbc().sql("ALTER TABLE pg_task RENAME COLUMN wakeup_at TO renamed").update();
		Worker worker;
		try {
			worker = this.harness.run(SETTINGS);
			await().until(() -> worker.status().state() == WorkerStatus.State.PAUSED);
			assertThat(worker.status().trouble()).contains("wakeup_at", "(SQLSTATE 42703)");
		}
		finally {
			this.harness.jdbc().sql("ALTER TABLE pg_task RENAME COLUMN renamed TO wakeup_at").update();
		}
		assertGoesOn(worker);
	}

	@ParameterizedTest
	@ValueSource(strings = { "08006", "08001", "57P01", "57P03", "53300", "08P01", "42501", "XX000" })
	void whateverTheErrorTheWorkerGoesOnWhenItIsOver(String sqlState) {
		Worker worker = this.harness.run(SETTINGS, this.dataSource);
		this.dataSource.failFor(CLAIMER, sqlState);
		UUID id = this.harness.insert("Start", "a");
		await().until(() -> worker.status().state() == WorkerStatus.State.PAUSED);
		assertThat(this.harness.row(id).lockedBy()).isNull();
		this.dataSource.recover(CLAIMER);
		await().until(() -> this.harness.isGone(id));
		assertThat(worker.status().trouble()).isNull();
	}

	@Test
	void aDataSourceThatFailsByARuntimeExceptionEndsNoPartOfTheWorker() {
		List<String> parts = List.of(CLAIMER, KEEPER, WRITER, LISTENER);
		parts.forEach((part) -> this.dataSource.failFor(part, () -> new IllegalStateException("no target")));
		Worker worker = this.harness.run(SETTINGS, this.dataSource);
		await().until(() -> worker.status().trouble() != null);
		assertThat(worker.status().trouble()).contains("no target");
		parts.forEach(this.dataSource::recover);
		await().until(() -> worker.status().listening() && worker.status().trouble() == null);
		assertGoesOn(worker);
	}

	@Test
	void aWrapperAroundTheDriverThatThrowsEndsNoPartOfTheWorker() {
		Worker worker = this.harness.run(SETTINGS, this.dataSource);
		assertGoesOn(worker);
		for (String part : List.of(CLAIMER, WRITER)) {
			this.dataSource.failFor(part, () -> new UnsupportedOperationException("not by this wrapper"));
			UUID id = this.harness.insert("Middle", "a");
			await().until(() -> worker.status().trouble() != null || this.harness.isParked(id));
			this.dataSource.recover(part);
			assertGoesOn(worker);
		}
	}

	@Test
	void anOutcomeIsSavedAgainWhileItsLeaseLives() {
		this.harness.start((state, context) -> {
			assertThat(context.delivery()).isEqualTo(1);
			this.dataSource.failFor(WRITER, "08006");
			return NextStep.done();
		});
		Worker worker = this.harness.run(SETTINGS, this.dataSource);
		UUID id = this.harness.insert("Start", "a");
		await().until(() -> worker.status().trouble() != null);
		assertThat(this.harness.isGone(id)).isFalse();
		this.dataSource.recover(WRITER);
		await().until(() -> this.harness.isGone(id));
		await().until(() -> worker.status().trouble() == null);
	}

	@Test
	void aWorkerThatCannotListenPolls() {
		this.dataSource.failFor(LISTENER, "42501");
		Worker worker = this.harness.run(SETTINGS.withPollInterval(Duration.ofMillis(200)), this.dataSource);
		UUID id = this.harness.insertQuietly("Start", "a");
		await().until(() -> this.harness.isGone(id));
		assertThat(worker.status().listening()).isFalse();
		assertThat(worker.status().listenerDown()).isPositive();
		assertThat(worker.status().state()).isEqualTo(WorkerStatus.State.RUNNING);
	}

	@Test
	void aTaskInsertedWhileNobodyListenedRunsWhenTheListenerIsBack() {
		Worker worker = this.harness.run(SETTINGS, this.dataSource);
		await().until(() -> worker.status().listening());
		assertGoesOn(worker);
		this.dataSource.failFor(LISTENER, "08001");
		this.harness.jdbc()
			.sql("SELECT pg_terminate_backend(l.pid) FROM pg_locks l JOIN pg_stat_activity a USING (pid) "
					+ "WHERE l.locktype = 'advisory' AND a.datname = current_database()")
			.query()
			.listOfRows();
		await().until(() -> !worker.status().listening());
		UUID id = this.harness.insert("Start", "a");
		await().during(Duration.ofMillis(300)).until(() -> this.harness.row(id).lockedBy() == null);
		this.dataSource.recover(LISTENER);
		await().until(() -> this.harness.isGone(id));
	}

	@Test
	void aWorkerWhoseConnectionsAreAllCutGoesOn() {
		Worker worker = this.harness.run(SETTINGS);
		assertGoesOn(worker);
		this.database.terminateConnections();
		UUID id = await().ignoreExceptions().until(() -> this.harness.insert("Start", "a"), (inserted) -> true);
		await().until(() -> this.harness.isGone(id));
		await().until(() -> worker.status().listening());
	}

	@Test
	void anExhaustedPoolIsWaitedFor() throws Exception {
		HikariDataSource pool = this.harness.impatientPool(SETTINGS.connections());
		List<Connection> borrowed = new ArrayList<>();
		for (int i = 0; i < SETTINGS.connections(); i++) {
			borrowed.add(pool.getConnection());
		}
		Worker worker = this.harness.run(SETTINGS, pool);
		UUID id = this.harness.insert("Start", "a");
		await().until(() -> worker.status().state() == WorkerStatus.State.PAUSED);
		assertThat(worker.status().trouble()).contains("Connection is not available");
		assertThat(this.harness.row(id).lockedBy()).isNull();
		for (Connection connection : borrowed) {
			connection.close();
		}
		await().until(() -> this.harness.isGone(id));
		await().until(() -> worker.status().trouble() == null);
	}

	@Test
	void aPoolOfExactlyTheWorkersConnectionsIsEnoughForStepsThatNeedNone() {
		this.harness.start((state, context) -> NextStep.now(new Journey.Middle(state.name())));
		this.harness.insertMany(200);
		this.harness.run(SETTINGS, this.database.createPool(SETTINGS.connections()));
		await().until(() -> this.harness.count() == 0);
	}

	@Test
	void oneConnectionMoreIsEnoughForStepsThatNeedOne() {
		HikariDataSource pool = this.database.createPool(SETTINGS.connections() + 1);
		this.harness.start((state, context) -> {
			try (Connection connection = pool.getConnection()) {
				assertThat(connection.isValid(1)).isTrue();
			}
			return NextStep.now(new Journey.Middle(state.name()));
		});
		this.harness.insertMany(200);
		this.harness.run(SETTINGS, pool);
		await().until(() -> this.harness.count() == 0);
	}

	@Test
	void aPoolThatIsTooSmallIsATroubleThatIsTold() {
		HikariDataSource pool = this.harness.impatientPool(1);
		Worker worker = this.harness.run(SETTINGS, pool);
		UUID id = this.harness.insert("Start", "a");
		await().until(() -> worker.status().trouble() != null);
		assertThat(worker.status().trouble()).contains("Connection is not available");
		assertThat(this.harness.row(id).tried()).isZero();
	}

	@Test
	void aWorkerWithTheLongestLeaseWorks() throws Exception {
		Duration forever = Duration.ofSeconds(Long.MAX_VALUE);
		Worker worker = this.harness.run(SETTINGS.withLease(forever, Duration.ofSeconds(1))
			.withPollInterval(forever)
			.withShutdownTimeout(forever));
		assertGoesOn(worker);
		worker.stop().get(10, TimeUnit.SECONDS);
	}

	private void assertGoesOn(Worker worker) {
		assertThat(worker.isRunning()).isTrue();
		UUID id = this.harness.insert("Middle", "goes on");
		await().until(() -> this.harness.isGone(id));
	}

}
