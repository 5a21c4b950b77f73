package io.pgtask.worker;

import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

import io.pgtask.store.ClaimStatement;
import io.pgtask.store.ClaimedTask;
import io.pgtask.store.HeldConnection;
import io.pgtask.store.Probe;

/**
 * Claims batches of tasks, on the connection of whoever calls, and hands them on.
 * Thread-safe.
 */
final class Claims {

	/** Nothing was asked of the database. */
	static final int NOT_ASKED = -1;

	private final ClaimStatement statement;

	private final Agenda agenda;

	private final Identity identity;

	private final Duration leaseTimeout;

	private final Demand demand;

	private final Consumer<List<Execution>> claimed;

	private final WorkerEvents events;

	Claims(ClaimStatement statement, Agenda agenda, Identity identity, Duration leaseTimeout, Demand demand,
			Consumer<List<Execution>> claimed, WorkerEvents events) {
		this.statement = statement;
		this.agenda = agenda;
		this.identity = identity;
		this.leaseTimeout = leaseTimeout;
		this.demand = demand;
		this.claimed = claimed;
		this.events = events;
	}

	/**
	 * Claim as many tasks as there are places for.
	 * @param connection where to claim
	 * @return how many were claimed, or {@link #NOT_ASKED} if there is no place or
	 * nowhere to look
	 * @throws SQLException if the database refuses
	 */
	int claim(HeldConnection connection) throws SQLException {
		int places = this.demand.reserve();
		try {
			List<Probe> probes = (places > 0) ? this.agenda.probes(places) : List.of();
			return probes.isEmpty() ? NOT_ASKED : claim(connection, probes);
		}
		finally {
			this.demand.arrived(places);
		}
	}

	private int claim(HeldConnection connection, List<Probe> probes) throws SQLException {
		long sent = System.nanoTime();
		List<ClaimedTask> tasks = connection
			.execute((jdbc) -> this.statement.claim(jdbc, probes, this.identity.nextToken(), this.leaseTimeout));
		takeOn(tasks, sent);
		this.agenda.claimed(probes, tasks, claimedAt(tasks));
		return tasks.size();
	}

	/** The leases began when the statement did. */
	private Instant claimedAt(List<ClaimedTask> tasks) {
		return tasks.isEmpty() ? Instant.MIN : tasks.get(0).leaseExpiresAt().minus(this.leaseTimeout);
	}

	/**
	 * Before anything else: what is claimed and not taken on waits until its lease ends.
	 */
	private void takeOn(List<ClaimedTask> tasks, long sent) {
		if (tasks.isEmpty()) {
			return;
		}
		List<Execution> executions = new ArrayList<>(tasks.size());
		for (ClaimedTask task : tasks) {
			executions.add(new Execution(task, Lease.sentAt(sent, this.leaseTimeout, task.leaseExpiresAt())));
		}
		this.claimed.accept(executions);
		this.events.claimed(tasks.size());
	}

}
