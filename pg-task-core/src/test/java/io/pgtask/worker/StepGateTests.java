package io.pgtask.worker;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;

import ch.qos.logback.classic.Level;
import io.pgtask.GateDecision;
import io.pgtask.GateRequest;
import io.pgtask.NextStep;
import io.pgtask.StepGate;
import io.pgtask.registry.TransactionSettings;
import io.pgtask.test.TaskTableTest;
import io.pgtask.test.TestDatabase;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import org.springframework.transaction.support.TransactionSynchronizationManager;

import static io.pgtask.worker.Patience.await;
import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link StepGate}s in a running {@link Worker}.
 */
@TaskTableTest
class StepGateTests {

	private static final WorkerSettings ONE_SLOT = WorkerHarness.QUICK.withConcurrency(1);

	private final List<String> calls = new CopyOnWriteArrayList<>();

	private final OutcomeCounter counter = new OutcomeCounter();

	private final WorkerHarness harness;

	StepGateTests(TestDatabase database) {
		this.harness = new WorkerHarness(database).start((state, context) -> {
			this.calls.add(state.name() + context.attempt() + context.delivery());
			return NextStep.done();
		});
	}

	@AfterEach
	void stopWorkers() throws Exception {
		this.harness.stopAll();
	}

	@Test
	void aGateSeesWhatIsToBeRun() {
		AtomicReference<@Nullable GateRequest> seen = new AtomicReference<>();
		run((request) -> {
			seen.set(request);
			return GateDecision.proceed();
		});
		UUID id = this.harness.insert("Start", "a");
		await().until(() -> this.harness.isGone(id));
		assertThat(seen.get())
			.isEqualTo(new GateRequest(id, "Journey", "Start", new Journey.Start("a"), 1, 1, Map.of()));
	}

	@Test
	void aTaskThatIsPutOffUsesNoAttemptHoweverOftenAndRunsWhenTheGateOpens() {
		AtomicInteger asked = new AtomicInteger();
		run((request) -> (asked.incrementAndGet() < 20) ? GateDecision.putOff(Duration.ofMillis(1), "closed for now")
				: GateDecision.proceed());
		UUID id = this.harness.insert("Start", "a");
		await().until(() -> this.harness.isGone(id));
		assertThat(this.calls).containsExactly("a11");
		await().until(() -> this.counter.outcomes().containsKey(StepOutcome.DONE));
		assertThat(this.counter.outcomes()).containsEntry(StepOutcome.POSTPONED, 19);
	}

	@Test
	void aTaskIsPutOffUntilAnInstantForAReasonThatItsRowShows() {
		Instant instant = Instant.parse("2999-01-02T03:04:05.123456Z");
		run((request) -> GateDecision.putOff(instant, "maintenance"));
		UUID id = this.harness.insert("Start", "a");
		this.harness.jdbc().sql("UPDATE pg_task SET deadline = '2998-01-01Z'").update();
		await().until(() -> "maintenance".equals(this.harness.row(id).lastError()));
		assertThat(this.harness.jdbc()
			.sql("SELECT count(*) FROM pg_task WHERE wakeup_at = '" + instant + "' AND tried = 0 AND delivery = 0"
					+ " AND locked_by IS NULL AND postponed IS NULL")
			.query(Integer.class)
			.single()).isEqualTo(1);
		assertThat(this.calls).isEmpty();
	}

	@Test
	void aGateEndsATaskAsDoneOrCancelledOrParksItWithoutUsingAnAttempt() {
		run((request) -> switch (((Journey.Start) request.state()).name()) {
			case "complete" -> GateDecision.complete();
			case "cancel" -> GateDecision.cancel("not wanted any more");
			default -> GateDecision.refuse("not for this customer");
		});
		UUID completed = this.harness.insert("Start", "complete");
		UUID cancelled = this.harness.insert("Start", "cancel");
		UUID refused = this.harness.insert("Start", "refuse");
		await().until(() -> this.harness.isGone(completed) && this.harness.isGone(cancelled)
				&& this.harness.isParked(refused));
		assertThat(this.harness.row(refused).error()).isEqualTo("not for this customer");
		assertThat(this.harness.row(refused).tried()).isZero();
		assertThat(this.calls).isEmpty();
		await().until(() -> this.counter.outcomes()
			.equals(Map.of(StepOutcome.DONE, 1, StepOutcome.CANCELLED, 1, StepOutcome.ERRORED, 1)));
	}

	@Test
	void aGateThatFailsPutsTheTaskOffAndLosesNothing() {
		AtomicInteger asked = new AtomicInteger();
		try (LogCapture log = LogCapture.open()) {
			run((request) -> switch (asked.incrementAndGet()) {
				case 1 -> throw new IllegalStateException("the flag server is away");
				case 2 -> throw new StackOverflowError();
				default -> nothing();
			});
			UUID id = this.harness.insert("Start", "a");
			for (String error : List.of("the flag server is away", "StackOverflowError", "returned null")) {
				await().until(() -> String.valueOf(this.harness.row(id).lastError()).contains(error));
				assertThat(this.harness.row(id).error()).isNull();
				assertThat(this.harness.row(id).tried()).isZero();
				this.harness.jdbc().sql("UPDATE pg_task SET wakeup_at = now()").update();
				this.harness.insertText("{\"Nobody\":null}");
			}
			assertThat(log.lines(Level.WARN)).anyMatch((line) -> line.contains("cannot decide"));
		}
		assertThat(this.calls).isEmpty();
	}

	@Test
	void gatesAreAskedInOrderUntilOneSaysNoAndPermitsAreReleasedLastFirst() {
		List<String> events = new CopyOnWriteArrayList<>();
		StepGate first = (request) -> {
			events.add("first asked");
			return GateDecision.proceed(() -> events.add("first released"));
		};
		StepGate broken = (request) -> GateDecision.proceed(() -> {
			events.add("broken released");
			throw new IllegalStateException("no release");
		});
		StepGate last = (request) -> {
			events.add("last asked");
			return ((Journey.Start) request.state()).name().equals("a") ? GateDecision.proceed()
					: GateDecision.complete();
		};
		this.harness.start((state, context) -> {
			events.add("run");
			throw new IllegalStateException("no luck");
		});
		run(first, broken, last);
		UUID run = this.harness.insert("Start", "a");
		await().until(() -> this.harness.isParked(run));
		assertThat(events).containsExactly("first asked", "last asked", "run", "broken released", "first released");
		events.clear();
		UUID ended = this.harness.insert("Start", "b");
		await().until(() -> this.harness.isGone(ended));
		assertThat(events).containsExactly("first asked", "last asked", "broken released", "first released");
	}

	@Test
	void aPermitIsHeldWhileTheStepRuns() {
		Semaphore permits = new Semaphore(1);
		AtomicInteger running = new AtomicInteger();
		AtomicInteger most = new AtomicInteger();
		this.harness.start((state, context) -> {
			most.accumulateAndGet(running.incrementAndGet(), Math::max);
			Thread.sleep(5);
			running.decrementAndGet();
			return NextStep.done();
		});
		this.harness.insertMany(20);
		this.harness.run(WorkerHarness.QUICK,
				(builder) -> builder
					.gates(List.of((request) -> permits.tryAcquire() ? GateDecision.proceed(permits::release)
							: GateDecision.putOff(Duration.ofMillis(5), "one at a time"))));
		await().until(() -> this.harness.count() == 0);
		assertThat(most).hasValue(1);
		assertThat(permits.availablePermits()).isEqualTo(1);
	}

	@Test
	void aGateIsAskedAboutTheStepsThatItGuardsOnly() {
		List<String> asked = new CopyOnWriteArrayList<>();
		this.harness.start((state, context) -> NextStep.now(new Journey.Middle("a")))
			.middle((state, context) -> NextStep.now(new Journey.End("a")));
		run(new StepGate() {

			@Override
			public GateDecision decide(GateRequest request) {
				asked.add(request.step());
				return GateDecision.proceed();
			}

			@Override
			public boolean guards(String taskType, String step) {
				return taskType.equals("Journey") && step.equals("Middle");
			}

		});
		UUID id = this.harness.insert("Start", "a");
		await().until(() -> this.harness.isGone(id));
		assertThat(asked).containsExactly("Middle");
	}

	@Test
	void aTransactionalStepIsAskedAboutBeforeItsTransactionBegins() {
		List<Boolean> active = new CopyOnWriteArrayList<>();
		this.harness.transactional(TransactionSettings.DEFAULT, "start");
		run((request) -> {
			active.add(TransactionSynchronizationManager.isActualTransactionActive());
			return GateDecision
				.proceed(() -> active.add(TransactionSynchronizationManager.isActualTransactionActive()));
		});
		UUID id = this.harness.insert("Start", "a");
		await().until(() -> this.harness.isGone(id) && active.size() == 2);
		assertThat(active).containsExactly(false, false);
	}

	private void run(StepGate... gates) {
		this.harness.run(ONE_SLOT, (builder) -> builder.gates(List.of(gates)).events(this.counter));
	}

	@SuppressWarnings("NullAway") // a gate written without null checks
	private static GateDecision nothing() {
		return null;
	}

}
