package io.pgtask.store;

import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.UUID;
import java.util.concurrent.ConcurrentLinkedQueue;

import javax.sql.DataSource;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Gives back rows that were inserted for a worker which does not run them after all, and
 * wakes all workers for them. The worker may have stopped, and the caller may still hold
 * the only connection: so it is done by the thread of {@link Wakeups}, on a connection
 * borrowed for that moment, for all rows that are there by then.
 */
final class GiveBacks {

	private static final Logger logger = LoggerFactory.getLogger(GiveBacks.class);

	private static final Duration NETWORK_TIMEOUT = Duration.ofSeconds(10);

	private final DataSource dataSource;

	private final TransitionStatements statements;

	private final Wakeups wakeups;

	private final OutageLog.Part outage = OutageLog.PROCESS.part("return of tasks that did not start");

	private final Queue<Transition> waiting = new ConcurrentLinkedQueue<>();

	GiveBacks(DataSource dataSource, TaskTable table, Wakeups wakeups) {
		this.dataSource = dataSource;
		this.statements = new TransitionStatements(table);
		this.wakeups = wakeups;
	}

	/** Give back a row, should it be there and still have this token and its lease. */
	void add(UUID id, UUID token) {
		this.waiting.add(new Transition.GiveBack(id, token));
		this.wakeups.wakeAfter(this::write);
	}

	private void write() {
		List<Transition> rows = new ArrayList<>();
		for (Transition row = this.waiting.poll(); row != null; row = this.waiting.poll()) {
			rows.add(row);
		}
		if (!rows.isEmpty()) {
			write(rows);
		}
	}

	private void write(List<Transition> rows) {
		try (HeldConnection connection = new HeldConnection(this.dataSource, NETWORK_TIMEOUT)) {
			connection.executeInTransaction((transaction) -> {
				this.statements.begin(transaction);
				return this.statements.save(transaction, rows, (claim) -> {
				});
			});
			this.outage.succeeded();
		}
		catch (SQLException ex) {
			logger.debug("{} tasks cannot be given back and will be claimed when their leases end", rows.size());
			this.outage.failed(ex);
		}
	}

}
