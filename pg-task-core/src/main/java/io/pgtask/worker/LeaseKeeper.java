package io.pgtask.worker;

import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

import io.pgtask.store.HeldConnection;
import io.pgtask.store.LeaseStatement;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Renews the leases of what has run long, all in one statement.
 */
final class LeaseKeeper implements Runnable {

	private static final Logger logger = LoggerFactory.getLogger(LeaseKeeper.class);

	private static final Duration LONGEST_TICK = Duration.ofMillis(250);

	private final HeldConnection connection;

	private final LeaseStatement statement;

	private final WorkerSettings settings;

	private final Holdings holdings;

	private final WorkerEvents events;

	private final Consumer<Execution> onLost;

	private final ConnectionUse onTick;

	private final Outage outage = new Outage("lease keeper");

	private final Alarm alarm = new Alarm();

	private volatile boolean stopped;

	private volatile boolean checkWanted;

	private volatile long lastRoundNanos = System.nanoTime();

	LeaseKeeper(HeldConnection connection, LeaseStatement statement, WorkerSettings settings, Holdings holdings,
			WorkerEvents events, Consumer<Execution> onLost, ConnectionUse onTick) {
		this.connection = connection;
		this.statement = statement;
		this.settings = settings;
		this.holdings = holdings;
		this.events = events;
		this.onLost = onLost;
		this.onTick = onTick;
	}

	/**
	 * Return how often to look at the leases.
	 * @param settings how the worker works
	 * @return a part of the heartbeat interval
	 */
	static Duration tick(WorkerSettings settings) {
		Duration part = settings.heartbeatInterval().dividedBy(4);
		return (part.compareTo(LONGEST_TICK) < 0) ? part : LONGEST_TICK;
	}

	@Override
	public void run() {
		Duration tick = tick(this.settings);
		Duration untilRenewal = Duration.ZERO;
		long lastRenewalNanos = System.nanoTime();
		try {
			while (!this.stopped) {
				long now = System.nanoTime();
				if (isCheckDue() || now - lastRenewalNanos >= untilRenewal.toNanos()) {
					lastRenewalNanos = now;
					untilRenewal = renew();
				}
				if (this.outage.trouble() == null) {
					untilRenewal = tick(untilRenewal);
				}
				this.lastRoundNanos = System.nanoTime();
				this.alarm.sleep(tick);
			}
		}
		catch (InterruptedException ex) {
			logger.debug("The lease keeper was interrupted");
		}
		finally {
			this.outage.end();
		}
	}

	void stop() {
		this.stopped = true;
		this.alarm.ring();
	}

	/**
	 * Renew every lease at the next round, however much is left of it, since some may
	 * have been taken away.
	 */
	void check() {
		this.checkWanted = true;
		this.alarm.ring();
	}

	Outage outage() {
		return this.outage;
	}

	Duration sinceLastRound() {
		return Duration.ofNanos(System.nanoTime() - this.lastRoundNanos);
	}

	/**
	 * Renew what would have less than a third of its lease left at the next round.
	 * @return how long until the next round
	 */
	private Duration renew() {
		boolean check = this.checkWanted;
		this.checkWanted = false;
		try {
			List<Execution> due = due(check);
			boolean all = due.isEmpty() || renew(due);
			this.connection.keepAlive();
			this.outage.succeeded();
			return all ? this.settings.heartbeatInterval() : Duration.ZERO;
		}
		catch (SQLException | RuntimeException ex) {
			this.checkWanted |= check;
			return this.outage.failed(ex);
		}
	}

	/**
	 * Let others use the connection.
	 * @return how long until the next round: as before, or soon if the database does not
	 * answer
	 */
	private Duration tick(Duration untilRenewal) {
		try {
			this.onTick.use(this.connection);
			return untilRenewal;
		}
		catch (SQLException | RuntimeException ex) {
			return this.outage.failed(ex);
		}
	}

	/** An outage sets its own pace. */
	private boolean isCheckDue() {
		return this.checkWanted && this.outage.trouble() == null;
	}

	private List<Execution> due(boolean all) {
		Duration enough = this.settings.heartbeatInterval().plus(this.settings.leaseTimeout().dividedBy(3));
		List<Execution> due = new ArrayList<>();
		for (Execution execution : this.holdings.all()) {
			if (!execution.isEnded() && (all || execution.lease().remaining().compareTo(enough) < 0)) {
				due.add(execution);
			}
		}
		return due;
	}

	private boolean renew(List<Execution> due) throws SQLException {
		long sent = System.nanoTime();
		Map<Integer, @Nullable Instant> held = this.connection
			.execute((connection) -> this.statement.renew(connection, due.stream().map(Execution::id).toList(),
					due.stream().map(Execution::token).toList(), this.settings.leaseTimeout()));
		int renewed = 0;
		for (int i = 0; i < due.size(); i++) {
			Instant deadline = held.get(i);
			if (deadline != null) {
				due.get(i).renew(Lease.sentAt(sent, this.settings.leaseTimeout(), deadline));
				renewed++;
			}
			else if (!held.containsKey(i)) {
				this.onLost.accept(due.get(i));
			}
		}
		this.events.renewed(renewed);
		return renewed == held.size();
	}

	/** Something that is asked of the database now and then. */
	@FunctionalInterface
	interface ConnectionUse {

		void use(HeldConnection connection) throws SQLException;

	}

}
