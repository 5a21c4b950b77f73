package io.pgtask.worker;

import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.UUID;

import io.pgtask.store.ClaimTokens;
import io.pgtask.store.HolderStatement;
import io.pgtask.store.PresenceStatements;
import io.pgtask.store.TakeoverStatement;
import io.pgtask.store.TaskTable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Looks for workers that have died, and frees their tasks. One of the workers of a table
 * does so at a time: everybody hears when it looks, by a notification. Who hears nobody
 * for longer than that takes begins to look, and the one with the lowest identity goes
 * on. Should two look at once, because one of them stood still, nothing is amiss: the
 * statement that frees tasks is safe by itself.
 * <p>
 * Used by the thread of the listener alone.
 */
final class Observer {

	private static final Logger logger = LoggerFactory.getLogger(Observer.class);

	private static final Duration INTERVAL = Duration.ofSeconds(2);

	/** Who is late by more than this is believed to look no more. */
	private static final Duration SILENCE = Duration.ofMillis(2200);

	/**
	 * What cut this worker off, such as a restart of the server, may have cut off others,
	 * who are still on their way back.
	 */
	private static final Duration SETTLING = Duration.ofSeconds(10);

	/** Who has died unseen is found by what it holds, but not that often. */
	private static final Duration SEARCH_INTERVAL = Duration.ofSeconds(10);

	/** Searching gets this part of the time at most, however many dead rows there are. */
	private static final int SEARCH_SHARE = 20;

	private final PresenceStatements presence;

	private final HolderStatement holders;

	private final TakeoverStatement takeover;

	private final String name;

	private final WorkerEvents events;

	private final Outage outage = new Outage("search for dead workers");

	private final Absences absences = new Absences();

	private String tablePrefix = "";

	private volatile boolean observing;

	private boolean everOpened;

	private long silentFromNanos;

	private long lastLookNanos;

	private long nextLookNanos;

	private long nextSearchNanos;

	/**
	 * Create an observer that does not look yet.
	 * @param table the table
	 * @param name who it is for the others
	 * @param events is told
	 */
	Observer(TaskTable table, String name, WorkerEvents events) {
		this.presence = new PresenceStatements(table);
		this.holders = new HolderStatement(table);
		this.takeover = new TakeoverStatement(table);
		this.name = name;
		this.events = events;
	}

	boolean isObserving() {
		return this.observing;
	}

	/**
	 * The worker is announced. At its start it looks at once, since it may be the only
	 * one that is left.
	 * @param tableId the table, as the server knows it
	 */
	void opened(long tableId) {
		this.tablePrefix = tableId + " ";
		this.silentFromNanos = System.nanoTime();
		if (this.everOpened) {
			this.silentFromNanos += SETTLING.toNanos();
		}
		else {
			this.everOpened = true;
			begin();
		}
	}

	/** The worker is announced no more. */
	void lost() {
		this.observing = false;
	}

	/** The worker has stopped. */
	void ended() {
		this.outage.end();
	}

	/** Somebody looks, as everybody does right after its start. */
	void heard(String payload) {
		if (!payload.startsWith(this.tablePrefix) || payload.endsWith(this.name)) {
			return;
		}
		this.silentFromNanos = Math.max(this.silentFromNanos, System.nanoTime());
		if (this.observing && payload.compareTo(this.tablePrefix + this.name) < 0) {
			logger.debug("Leaves the search for dead workers to {}", payload);
			this.observing = false;
		}
		if (this.observing) {
			ClaimTokens.presenceKeyOf(payload.substring(this.tablePrefix.length())).ifPresent(this.absences::heardOf);
		}
	}

	/**
	 * Look if it is time to.
	 * @return how long there is nothing to do
	 */
	Duration tick(Connection connection) throws SQLException {
		long now = System.nanoTime();
		if (!this.observing) {
			long untilSilentNanos = this.silentFromNanos + SILENCE.toNanos() - now;
			if (untilSilentNanos > 0) {
				return Duration.ofNanos(untilSilentNanos);
			}
			begin();
		}
		if (now - this.nextLookNanos >= 0) {
			lookSafely(connection);
		}
		return Duration.ofNanos(Math.max(0, this.nextLookNanos - System.nanoTime()));
	}

	private void begin() {
		this.observing = true;
		this.absences.forget();
		this.nextLookNanos = System.nanoTime();
		this.lastLookNanos = this.nextLookNanos;
		this.nextSearchNanos = this.nextLookNanos;
	}

	/** A refused statement must not cost the worker its wake-ups, nor its presence. */
	private void lookSafely(Connection connection) throws SQLException {
		try {
			look(connection);
			this.outage.succeeded();
		}
		catch (SQLException ex) {
			if (connection.isClosed()) {
				throw ex;
			}
			this.nextLookNanos = System.nanoTime() + this.outage.failed(ex).toNanos();
		}
	}

	private void look(Connection connection) throws SQLException {
		long begin = System.nanoTime();
		if (begin - this.lastLookNanos > 2 * INTERVAL.toNanos()) {
			this.absences.forget();
		}
		this.lastLookNanos = begin;
		Set<Integer> present = this.presence.tellAndLook(connection, this.tablePrefix + this.name);
		long seen = System.nanoTime();
		for (int key : this.absences.update(present, holders(connection), seen)) {
			takeOver(connection, key);
		}
		this.nextLookNanos = System.nanoTime() + this.absences.untilNextLook(INTERVAL).toNanos();
	}

	private Set<Integer> holders(Connection connection) throws SQLException {
		long begin = System.nanoTime();
		if (begin - this.nextSearchNanos < 0) {
			return Set.of();
		}
		Set<Integer> found = this.holders.find(connection);
		long end = System.nanoTime();
		this.nextSearchNanos = end + Math.max(SEARCH_INTERVAL.toNanos(), SEARCH_SHARE * (end - begin));
		return found;
	}

	private void takeOver(Connection connection, int key) throws SQLException {
		Map<Long, Integer> freed = new HashMap<>();
		int batch;
		do {
			batch = 0;
			for (UUID token : this.takeover.take(connection, key)) {
				freed.merge(token.getMostSignificantBits(), 1, Integer::sum);
				batch++;
			}
		}
		while (batch == TakeoverStatement.BATCH);
		freed.forEach(this::tell);
	}

	private void tell(long worker, int tasks) {
		logger.warn("Worker {} has vanished; {} of its tasks are free for others before their leases end",
				ClaimTokens.name(worker), tasks);
		this.events.takenOver(tasks);
	}

}
