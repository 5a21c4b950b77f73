package io.pgtask.worker;

import java.sql.SQLException;
import java.time.Duration;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.function.Consumer;
import java.util.function.Predicate;

import io.pgtask.store.CancelNotice;
import io.pgtask.store.HeldConnection;
import io.pgtask.store.RequestStatement;

/**
 * Hears of what operators ask of this worker: to end tasks that it holds, or to pause a
 * type. Notifications tell at once; but they may get lost, or be sent while the answer to
 * a claim is under way, and without LISTEN there are none. So as long as a step runs that
 * is not over in a moment, the table is asked as well.
 */
final class RequestWatch {

	private static final Duration INTERVAL = Duration.ofMillis(500);

	private static final Duration MOMENT = Duration.ofMillis(250);

	private final RequestStatement statement;

	private final Holdings holdings;

	private final Collection<String> taskTypes;

	private final PausedTypes pausedTypes;

	private final Consumer<Outcome> outcomes;

	private long lastLookNanos = System.nanoTime() - INTERVAL.toNanos();

	/**
	 * Create a watch.
	 * @param statement asks the table
	 * @param holdings the executions this worker holds
	 * @param taskTypes the persisted names of its task types
	 * @param pausedTypes is told which of them are paused
	 * @param outcomes takes back what has not been started
	 */
	RequestWatch(RequestStatement statement, Holdings holdings, Collection<String> taskTypes, PausedTypes pausedTypes,
			Consumer<Outcome> outcomes) {
		this.statement = statement;
		this.holdings = holdings;
		this.taskTypes = taskTypes;
		this.pausedTypes = pausedTypes;
		this.outcomes = outcomes;
	}

	/** A notification has arrived. */
	void heard(String payload) {
		Set<UUID> ids = new HashSet<>(CancelNotice.parse(payload));
		cancel((execution) -> ids.contains(execution.id()));
	}

	/** Ask the table if it is time to, and if anything runs that is worth it. */
	void look(HeldConnection connection) throws SQLException {
		long now = System.nanoTime();
		if (now - this.lastLookNanos < INTERVAL.toNanos() || !isBusy()) {
			return;
		}
		this.lastLookNanos = now;
		List<UUID> ids = this.holdings.all().stream().map(Execution::id).toList();
		RequestStatement.Requests requests = connection
			.execute((jdbc) -> this.statement.look(jdbc, ids, this.taskTypes));
		this.pausedTypes.update(requests.paused());
		cancel((execution) -> requests.cancelled().contains(execution.key()));
	}

	private boolean isBusy() {
		long since = System.nanoTime() - MOMENT.toNanos();
		return this.holdings.all()
			.stream()
			.anyMatch((execution) -> execution.waitingSinceNanos() - since < 0 && execution.isRunning());
	}

	/** A task that waits for a slot is given back, with which it ends. */
	private void cancel(Predicate<Execution> isAsked) {
		for (Execution execution : this.holdings.all()) {
			if (isAsked.test(execution)) {
				if (execution.withdraw()) {
					this.outcomes.accept(Outcome.giveBack(execution));
				}
				else {
					execution.requestCancel();
				}
			}
		}
	}

}
