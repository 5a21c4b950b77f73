package io.pgtask.worker;

import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;

import javax.sql.DataSource;

import io.pgtask.NextStep;
import io.pgtask.store.ClaimStatement;
import io.pgtask.store.ClaimedTask;
import io.pgtask.store.HeldConnection;
import io.pgtask.store.LinePace;
import io.pgtask.store.Probe;
import io.pgtask.store.TaskTable;
import io.pgtask.store.Transition;
import io.pgtask.store.TransitionStatements;

/**
 * A {@link TransitionWriter} without a worker around it: claims tasks by itself and hands
 * over their outcomes at once, so that they share a batch.
 */
final class WriterHarness implements AutoCloseable {

	private final DataSource dataSource;

	private final Duration lease;

	private final OutcomeCounter counter = new OutcomeCounter();

	private final Holdings holdings = new Holdings();

	private final OutcomeQueue queue = new OutcomeQueue(1000, () -> {
	});

	private final ConcurrentLinkedQueue<String> next = new ConcurrentLinkedQueue<>();

	private final AtomicInteger released = new AtomicInteger();

	private final Map<String, Execution> executions = new HashMap<>();

	private final HeldConnection connection;

	private final TransitionWriter writer;

	private final Thread thread;

	WriterHarness(DataSource dataSource, Duration lease) {
		this.dataSource = dataSource;
		this.lease = lease;
		this.connection = new HeldConnection(dataSource, Duration.ofSeconds(5));
		Settlement settlement = new Settlement(this.holdings, this.counter, new LossLog(LinePace.PROCESS),
				(executions) -> executions.forEach((execution) -> this.next.add(execution.progress().text())),
				this.released::incrementAndGet);
		OutcomeSaver saver = new OutcomeSaver("writer under test", this.connection,
				new TransitionStatements(TaskTable.inSearchPath()), this.queue, new PostponedOutcomes(), settlement,
				() -> {
				});
		this.writer = new TransitionWriter(saver, this.queue);
		this.thread = new Thread(this.writer, "writer under test");
	}

	/** Claims all tasks and pretends that their steps have run. */
	void claimAll() throws SQLException {
		try (Connection claiming = this.dataSource.getConnection()) {
			long sent = System.nanoTime();
			List<ClaimedTask> tasks = new ClaimStatement(TaskTable.inSearchPath()).claim(claiming,
					List.of(new Probe("Journey", 4, 100, Instant.MIN)), UUID.randomUUID(), this.lease);
			for (ClaimedTask task : tasks) {
				Execution execution = new Execution(task, Lease.sentAt(sent, this.lease, task.leaseExpiresAt()));
				execution.begin();
				execution.end();
				this.holdings.add(execution);
				this.executions.put(task.text().replaceAll(".*:\"(.*)\".*", "$1"), execution);
			}
		}
	}

	/** The step of the task with that name is done. */
	void done(String name) {
		Execution execution = execution(name);
		add(execution, new Transition.Finish(execution.id(), execution.token()), StepOutcome.DONE);
	}

	/** The step of the task with that name returned {@link NextStep#now(Object)}. */
	void now(String name, String text) {
		Execution execution = execution(name);
		add(execution, new Transition.Advance(execution.id(), execution.token(), text), StepOutcome.NEXT);
	}

	/** The step of the task with that name is to be tried again. */
	void retry(String name) {
		Execution execution = execution(name);
		add(execution,
				Transition.Release.retry(execution.id(), execution.token(), Duration.ofDays(1), null, 1, 1, "no luck"),
				StepOutcome.RETRIED);
	}

	/** The task with that name is given back. */
	void giveBack(String name) {
		this.queue.add(Outcome.giveBack(execution(name)));
	}

	private void add(Execution execution, Transition transition, StepOutcome kind) {
		this.queue.add(new Outcome(execution, transition, kind, "Start", Duration.ZERO));
	}

	private Execution execution(String name) {
		Execution execution = this.executions.get(name);
		if (execution == null) {
			throw new IllegalArgumentException("Nothing was claimed by the name of " + name);
		}
		return execution;
	}

	void start() {
		this.thread.start();
	}

	/** Lets the writer end as soon as everything is saved. */
	void finish() {
		this.writer.finish();
	}

	boolean isRunning() {
		return this.thread.isAlive();
	}

	boolean isSettled() {
		return this.queue.unsettled() == 0;
	}

	/** Returns the texts of the steps that may run next. */
	List<String> next() {
		return List.copyOf(this.next);
	}

	int released() {
		return this.released.get();
	}

	Holdings holdings() {
		return this.holdings;
	}

	OutcomeCounter counter() {
		return this.counter;
	}

	@Override
	public void close() throws InterruptedException {
		this.writer.finish();
		this.writer.abandon();
		this.thread.join(10_000);
		this.connection.close();
	}

}
