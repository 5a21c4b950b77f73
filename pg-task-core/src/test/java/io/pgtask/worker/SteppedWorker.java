package io.pgtask.worker;

import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Collectors;

import javax.sql.DataSource;

import io.pgtask.codec.StepCodec;
import io.pgtask.registry.TaskRegistry;
import io.pgtask.store.ClaimKey;
import io.pgtask.store.ClaimStatement;
import io.pgtask.store.ClaimedTask;
import io.pgtask.store.HeldConnection;
import io.pgtask.store.LeaseStatement;
import io.pgtask.store.LinePace;
import io.pgtask.store.MalformedStatement;
import io.pgtask.store.Probe;
import io.pgtask.store.RequestStatement;
import io.pgtask.store.Survey;
import io.pgtask.store.SurveyStatement;
import io.pgtask.store.TaskTable;
import io.pgtask.store.TransitionStatements;
import org.jspecify.annotations.Nullable;

/**
 * What a {@link Worker} is made of without its threads: whoever drives it decides what
 * happens next, so that the same thing happens every time. To forget it is to crash.
 */
public final class SteppedWorker implements AutoCloseable {

	private static final long LONGEST_TAKE_MILLIS = 1000;

	private final WorkerSettings settings;

	private final Set<String> taskTypes;

	private final HeldConnection connection;

	private final Identity identity = new Identity();

	private final Holdings holdings = new Holdings();

	private final OutcomeQueue queue = new OutcomeQueue(Integer.MAX_VALUE, () -> {
	});

	private final PausedTypes pausedTypes = new PausedTypes(this.holdings, this.queue::add);

	private final Agenda agenda = new Agenda();

	private final SurveyStatement survey;

	private final MalformedStatement malformed;

	private final ClaimStatement claim;

	private final LeaseStatement lease;

	private final RequestStatement requests;

	private final RequestWatch requestWatch;

	private final LeaseWatch leaseWatch;

	private final StepRunner runner;

	private final OutcomeSaver saver;

	private @Nullable Outcome lastOutcome;

	/**
	 * Create a worker.
	 * @param settings how it works
	 * @param failures what it does about failed attempts
	 */
	public SteppedWorker(DataSource dataSource, TaskTable table, TaskRegistry registry, StepCodec codec,
			WorkerSettings settings, FailureSettings failures) {
		WorkerParts parts = new WorkerParts(dataSource, table, registry, codec, settings, failures, null, List.of(),
				List.of(), WorkerEvents.NONE, null, Integer.MAX_VALUE);
		this.settings = settings;
		this.taskTypes = registry.taskTypeNames();
		this.connection = new HeldConnection(dataSource, Duration.ofSeconds(30));
		this.survey = new SurveyStatement(table);
		this.malformed = new MalformedStatement(table);
		this.claim = new ClaimStatement(table);
		this.lease = new LeaseStatement(table);
		this.requests = new RequestStatement(table);
		this.requestWatch = new RequestWatch(this.requests, this.holdings, this.taskTypes, this.pausedTypes,
				this.queue::add);
		LossLog losses = new LossLog(LinePace.PROCESS);
		this.leaseWatch = new LeaseWatch(Duration.ZERO, this.holdings, parts.events(), losses, () -> {
		});
		Settlement settlement = new Settlement(this.holdings, parts.events(), losses, this.pausedTypes::giveBackFrom,
				() -> {
				});
		this.runner = StepRunners.create(parts, new Pace(settings.concurrency()), settlement,
				new FailureOutcomes(failures, this.identity.toString()), this.pausedTypes::isPaused, this::take,
				this.holdings::remove);
		this.saver = new OutcomeSaver("stepped worker", this.connection, new TransitionStatements(table), this.queue,
				new PostponedOutcomes(), settlement, () -> {
				});
	}

	/**
	 * Look for work, and claim some of it.
	 * @param places how many tasks at most
	 * @return what was claimed
	 */
	public List<ClaimedTask> claim(int places) throws SQLException {
		Survey found = this.connection.execute((jdbc) -> this.survey.look(jdbc, this.taskTypes, null));
		this.pausedTypes.update(found.paused());
		this.agenda.survey(found.heads(), this.settings.pollInterval());
		if (this.agenda.hasMalformed()) {
			this.connection.execute(this.malformed::park);
		}
		List<Probe> probes = this.agenda.probes(places);
		if (probes.isEmpty()) {
			return List.of();
		}
		long sent = System.nanoTime();
		List<ClaimedTask> tasks = this.connection
			.execute((jdbc) -> this.claim.claim(jdbc, probes, this.identity.nextToken(), this.settings.leaseTimeout()));
		for (ClaimedTask task : tasks) {
			this.holdings
				.add(new Execution(task, Lease.sentAt(sent, this.settings.leaseTimeout(), task.leaseExpiresAt())));
		}
		return tasks;
	}

	/**
	 * Run the step of a task that waits for it. Its outcome is not saved yet.
	 * @return whether the claim is to be kept for the next step
	 */
	public boolean run(UUID id, UUID token) {
		ClaimKey key = new ClaimKey(id, token);
		this.runner.run(this.holdings.all()
			.stream()
			.filter((execution) -> execution.key().equals(key))
			.findFirst()
			.orElseThrow(() -> new AssertionError("The worker does not hold the task " + id)));
		Outcome outcome = this.lastOutcome;
		if (outcome == null || !outcome.key().equals(key)) {
			throw new AssertionError("The step of task " + id + " has no outcome");
		}
		return outcome.transition().keepsClaim();
	}

	private void take(Outcome outcome) {
		this.lastOutcome = outcome;
		this.queue.add(outcome);
	}

	/**
	 * Save all outcomes that are there, in one transaction. Failures among others are
	 * taken a moment later.
	 */
	public void save() throws InterruptedException {
		List<Outcome> outcomes = new ArrayList<>();
		int open = this.queue.unsettled();
		while (outcomes.size() < open) {
			outcomes.addAll(this.queue.take(LONGEST_TAKE_MILLIS));
		}
		this.saver.save(outcomes);
	}

	/** Renew all leases, and find out which of them are lost. */
	public void renew() throws SQLException {
		List<Execution> held = List.copyOf(this.holdings.all());
		long sent = System.nanoTime();
		Map<Integer, @Nullable Instant> renewed = this.connection
			.execute((jdbc) -> this.lease.renew(jdbc, held.stream().map(Execution::id).toList(),
					held.stream().map(Execution::token).toList(), this.settings.leaseTimeout()));
		for (int i = 0; i < held.size(); i++) {
			Instant end = renewed.get(i);
			if (end != null) {
				held.get(i).renew(Lease.sentAt(sent, this.settings.leaseTimeout(), end));
			}
			else {
				this.leaseWatch.lose(held.get(i));
			}
		}
	}

	/** Look what operators ask for. */
	public void hear() throws SQLException {
		List<UUID> ids = this.holdings.all().stream().map(Execution::id).toList();
		RequestStatement.Requests found = this.connection
			.execute((jdbc) -> this.requests.look(jdbc, ids, this.taskTypes));
		this.pausedTypes.update(found.paused());
		found.cancelled().forEach((key) -> this.requestWatch.heard(key.id().toString()));
	}

	/** Give back what waits, as a worker does that stops. */
	public void giveBack() {
		for (Execution execution : this.holdings.all()) {
			if (execution.withdraw()) {
				this.queue.add(Outcome.giveBack(execution));
			}
		}
	}

	/** Let the worker's own clock go forward, and end the leases that are over. */
	public void pass(Duration time) {
		for (Execution execution : this.holdings.all()) {
			Lease before = execution.lease();
			execution.renew(new Lease(before.endNanos() - time.toNanos(), before.deadline().minus(time)));
			if (execution.lease().isOver()) {
				this.leaseWatch.lose(execution);
			}
		}
	}

	/** Return the claims of which a step waits to be run. */
	public Set<ClaimKey> waiting() {
		return this.holdings.all()
			.stream()
			.filter(Execution::isWaiting)
			.map(Execution::key)
			.collect(Collectors.toSet());
	}

	@Override
	public void close() {
		this.connection.close();
	}

}
