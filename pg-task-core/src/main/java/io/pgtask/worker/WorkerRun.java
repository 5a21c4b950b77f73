package io.pgtask.worker;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Executor;
import java.util.concurrent.ThreadPoolExecutor;

import io.pgtask.store.ClaimStatement;
import io.pgtask.store.DirectOffer;
import io.pgtask.store.HeldConnection;
import io.pgtask.store.LeaseStatement;
import io.pgtask.store.LinePace;
import io.pgtask.store.PresenceStatements;
import io.pgtask.store.RequestStatement;
import io.pgtask.store.TransitionStatements;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A worker from its start to its stop: its identity, its connections and its threads.
 */
final class WorkerRun {

	private static final Logger logger = LoggerFactory.getLogger(WorkerRun.class);

	/** How long an interrupted step may take to return before its task is given away. */
	private static final Duration GRACE = Duration.ofSeconds(1);

	/** How long a claim that is under way may still take. */
	private static final Duration LAST_CLAIM = Duration.ofSeconds(3);

	/** How long it may take until the last transition is saved, that claim included. */
	private static final Duration LAST_WRITES = Duration.ofSeconds(5);

	private final WorkerParts parts;

	private final WorkerSettings settings;

	private final Identity identity = new Identity();

	private final Holdings holdings = new Holdings();

	private final OutcomeQueue queue = new OutcomeQueue(2 * Pace.MOST_AHEAD, this::demandChanged);

	private final List<HeldConnection> connections = new ArrayList<>();

	private final Thread claiming;

	private final Thread assisting;

	private final Thread writing;

	private final List<Thread> threads = new ArrayList<>();

	private final @Nullable ThreadPoolExecutor ownExecutor;

	private final PausedTypes pausedTypes = new PausedTypes(this.holdings, this.queue::add);

	private final Suspects suspects;

	private final Slots slots;

	private final DirectClaims directClaims;

	private final Claimer claimer;

	private final Assistant assistant;

	private final TransitionWriter writer;

	private final LeaseWatch watch;

	private final LeaseKeeper keeper;

	private final @Nullable Notifications notifications;

	private final Observer observer;

	private final Presence presence;

	private volatile boolean stopping;

	WorkerRun(WorkerParts parts, Runnable onStopWorker) {
		this.parts = parts;
		this.settings = parts.settings();
		this.ownExecutor = (parts.executor() == null) ? WorkerThreads.slots(this.settings.concurrency()) : null;
		Pace pace = new Pace(this.settings.concurrency());
		LossLog losses = new LossLog(LinePace.PROCESS);
		Settlement settlement = new Settlement(this.holdings, parts.events(), losses, this::goOn, this::released);
		TransitionStatements statements = new TransitionStatements(parts.table());
		PostponedOutcomes postponed = new PostponedOutcomes();
		this.writer = new TransitionWriter(new OutcomeSaver("transition writer", connection(), statements, this.queue,
				postponed, settlement, this::startMissing), this.queue);
		FailureOutcomes failures = new FailureOutcomes(parts.failures(), this.identity.toString());
		StepRunner runner = StepRunners.create(parts, pace, settlement, failures, this::isYielding, this.queue::add,
				this.holdings::remove);
		this.suspects = new Suspects(this.settings.maxDeliveries(), this.queue::add);
		this.slots = new Slots(this.settings.concurrency(), executor(), pace, runner::run, this.writer::isSaving,
				this::demandChanged, (threads) -> WorkerThreads.resize(this.ownExecutor, threads));
		StaleClaims staleClaims = new StaleClaims(this.holdings, this.slots, pace, this.queue::add);
		TimeoutWatch timeouts = new TimeoutWatch(parts.failures().timeoutGrace(), this.holdings, this.slots, failures,
				parts.events(), this.queue::add);
		this.observer = new Observer(parts.table(), this.identity.toString(), parts.events());
		this.presence = new Presence(new PresenceStatements(parts.table()), this.identity, this.holdings, this.observer,
				this.queue::add, this::checkLeases);
		this.watch = new LeaseWatch(LeaseKeeper.tick(this.settings), this.holdings, parts.events(), losses, () -> {
			this.presence.look();
			timeouts.look();
			staleClaims.giveBack();
			this.slots.startMissing();
		});
		RequestWatch requests = new RequestWatch(new RequestStatement(parts.table()), this.holdings,
				parts.registry().taskTypeNames(), this.pausedTypes, this.queue::add);
		this.keeper = new LeaseKeeper(connection(), new LeaseStatement(parts.table()), this.settings, this.holdings,
				parts.events(), this.watch::lose, requests::look);
		Demand demand = new Demand(this.slots, this.queue, pace);
		Agenda agenda = new Agenda();
		Claims claims = new Claims(new ClaimStatement(parts.table()), agenda, this.identity,
				this.settings.leaseTimeout(), demand, this::takeOn, parts.events());
		DirectRuns directRuns = new DirectRuns(parts, this.holdings, this.slots, this::isYielding);
		this.directClaims = new DirectClaims(parts, this.identity, this.slots, directRuns, this.pausedTypes,
				this::demandChanged);
		this.claimer = new Claimer(connection(), parts.table(), this.settings, parts.registry().taskTypeNames(),
				this.pausedTypes, claims, agenda, demand, this.directClaims.arrivals(),
				() -> this.keeper.outage().trouble() == null);
		HeldConnection assistance = connection();
		this.assistant = new Assistant(
				assistance, claims, agenda, demand, new OutcomeSaver("assistant of the transition writer", assistance,
						statements, this.queue, postponed, settlement, this::startMissing),
				this.queue, () -> !isPaused(), this::wake);
		this.queue.onSurplus(this.assistant::call);
		this.notifications = this.settings.listen() ? new Notifications(parts.dataSource(),
				WakeupChannels.of(this.settings, this.claimer, onStopWorker, requests, this.observer), this::wake,
				this.settings.presence() ? this.presence : ListenerSession.NONE) : null;
		// Not a daemon: it keeps an application alive that only works on tasks.
		this.claiming = new Thread(this.claimer, "pg-task-claimer");
		this.claiming.setDaemon(false);
		this.assisting = WorkerThreads.daemon("pg-task-assistant", this.assistant);
		this.writing = WorkerThreads.daemon("pg-task-writer", this.writer);
		this.threads.add(this.writing);
		this.threads.add(WorkerThreads.daemon("pg-task-watch", this.watch));
		this.threads.add(WorkerThreads.daemon("pg-task-keeper", this.keeper));
		if (this.notifications != null) {
			this.threads.add(WorkerThreads.daemon("pg-task-listener", this.notifications));
		}
		this.threads.add(this.assisting);
		this.threads.add(this.claiming);
	}

	private HeldConnection connection() {
		HeldConnection connection = new HeldConnection(this.parts.dataSource(),
				this.settings.leaseTimeout().dividedBy(4));
		this.connections.add(connection);
		return connection;
	}

	private Executor executor() {
		Executor executor = this.parts.executor();
		return (executor != null) ? executor : Objects.requireNonNull(this.ownExecutor);
	}

	private boolean isYielding(String taskType) {
		return this.stopping || this.pausedTypes.isPaused(taskType);
	}

	void start() {
		logger.info("Worker {} starts: {} slots, task types {}", this.identity, this.settings.concurrency(),
				this.parts.registry().taskTypeNames());
		this.threads.forEach(Thread::start);
	}

	void wake() {
		this.claimer.wake();
	}

	private void released() {
		this.claimer.released();
	}

	private void checkLeases() {
		this.keeper.check();
	}

	private void demandChanged() {
		this.claimer.demandChanged();
		this.assistant.call();
	}

	private void startMissing() {
		this.slots.startMissing();
	}

	private void takeOn(List<Execution> executions) {
		executions.forEach(this.holdings::add);
		goOn(this.suspects.admit(executions));
	}

	@Nullable DirectOffer offer(String taskType) {
		boolean idle = !this.stopping && this.claimer.seesNothingWaiting() && trouble() == null && !this.queue.isFull();
		return idle ? this.directClaims.offer(taskType) : null;
	}

	private void goOn(List<Execution> executions) {
		if (this.stopping) {
			giveBack(executions);
		}
		else {
			this.slots.add(this.pausedTypes.giveBackFrom(this.presence.giveBackFrom(executions)));
		}
	}

	private void giveBack(Collection<Execution> executions) {
		for (Execution execution : executions) {
			if (execution.withdraw()) {
				this.queue.add(Outcome.giveBack(execution));
			}
		}
	}

	/**
	 * Stop: claim nothing more, let running steps finish, and give back what has not.
	 */
	void stop() {
		long start = System.nanoTime();
		this.stopping = true;
		this.directClaims.close();
		this.claimer.stop();
		this.assistant.stop();
		giveBack(this.holdings.all());
		if (!this.slots.awaitIdle(this.settings.shutdownTimeout())) {
			interruptRunning();
		}
		finishWriting();
		this.watch.stop();
		this.keeper.stop();
		// Not before: as long as anything runs, others must not take the worker for dead.
		if (this.notifications != null) {
			this.notifications.stop();
		}
		// The connections last: a pool must not get back what is still in use.
		WorkerThreads.end(this.threads);
		this.connections.forEach(HeldConnection::close);
		if (this.ownExecutor != null) {
			this.ownExecutor.shutdown();
		}
		logger.info("Worker {} has stopped after {} ms", this.identity, (System.nanoTime() - start) / 1_000_000);
	}

	private void interruptRunning() {
		List<Execution> running = this.holdings.all().stream().filter(Execution::isRunning).toList();
		logger.warn("{} steps have not finished within {} and are interrupted; their tasks are given back",
				running.size(), this.settings.shutdownTimeout());
		running.forEach(Execution::interrupt);
		if (this.slots.awaitIdle(GRACE)) {
			return;
		}
		for (Execution execution : running) {
			if (execution.loseLease()) {
				logger.warn("The step of task {} ({}) ignores its interruption; whatever it returns will be dropped",
						execution.id(), execution.taskType());
				this.queue.add(Outcome.giveBackUnreturned(execution));
			}
		}
	}

	private void finishWriting() {
		// A claim under way when the claimer was stopped may have come in meanwhile.
		long start = System.nanoTime();
		WorkerThreads.joinUntil(start + LAST_CLAIM.toNanos(), this.claiming);
		WorkerThreads.joinUntil(start + LAST_CLAIM.toNanos(), this.assisting);
		giveBack(this.holdings.all());
		this.writer.finish();
		if (this.queue.unsettled() > 0 && !WorkerThreads.joinUntil(start + LAST_WRITES.toNanos(), this.writing)) {
			logger.warn("{} transitions cannot be saved in time; their tasks are free when their leases end",
					this.queue.unsettled());
			this.writer.abandon();
		}
	}

	WorkerStatus status() {
		WorkerStatus.State state = this.stopping ? WorkerStatus.State.STOPPING
				: isPaused() ? WorkerStatus.State.PAUSED : WorkerStatus.State.RUNNING;
		Duration listenerDown = (this.notifications != null) ? this.notifications.downFor() : null;
		return new WorkerStatus(state, this.identity.toString(), this.holdings.running(), this.holdings.waiting(),
				this.claimer.sinceContact(), this.keeper.sinceLastRound(), listenerDown == null, listenerDown,
				trouble(), this.pausedTypes.names(), this.identity.isAnnounced(), this.observer.isObserving());
	}

	private boolean isPaused() {
		return this.claimer.outage().trouble() != null || this.keeper.outage().trouble() != null;
	}

	private @Nullable String trouble() {
		String claiming = this.claimer.outage().trouble();
		String writing = this.writer.outage().trouble();
		return (claiming != null) ? claiming : (writing != null) ? writing : this.keeper.outage().trouble();
	}

}
