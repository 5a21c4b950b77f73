package io.pgtask.worker;

import java.sql.SQLException;
import java.time.Duration;
import java.util.function.BooleanSupplier;

import io.pgtask.store.HeldConnection;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Claims beside the {@link Claimer} and saves outcomes beside the
 * {@link TransitionWriter}, while there is a backlog of tasks that are worked off faster
 * than one connection for each of the two is able to. It has a connection only then.
 */
final class Assistant implements Runnable {

	private static final Logger logger = LoggerFactory.getLogger(Assistant.class);

	/** After this time without work the connection goes back to the pool. */
	private static final Duration REST = Duration.ofSeconds(2);

	/**
	 * How long the others are left alone after an error, which they will meet as well.
	 */
	private static final Duration PAUSE_AFTER_FAILURE = Duration.ofSeconds(10);

	private final HeldConnection connection;

	private final Claims claims;

	private final Agenda agenda;

	private final Demand demand;

	private final OutcomeSaver saver;

	private final OutcomeQueue queue;

	private final BooleanSupplier healthy;

	private final Runnable onExhausted;

	private final Alarm alarm = new Alarm();

	private final Alarm stop = new Alarm();

	private volatile boolean stopped;

	/**
	 * Create an assistant that does not run yet.
	 * @param connection is given back after a rest
	 * @param saver saves on that connection
	 * @param healthy whether those it assists can work
	 * @param onExhausted called when it has claimed the last task in sight
	 */
	Assistant(HeldConnection connection, Claims claims, Agenda agenda, Demand demand, OutcomeSaver saver,
			OutcomeQueue queue, BooleanSupplier healthy, Runnable onExhausted) {
		this.connection = connection;
		this.claims = claims;
		this.agenda = agenda;
		this.demand = demand;
		this.saver = saver;
		this.queue = queue;
		this.healthy = healthy;
		this.onExhausted = onExhausted;
	}

	@Override
	public void run() {
		try {
			while (!this.stopped) {
				try {
					work();
				}
				catch (SQLException | RuntimeException | OutOfMemoryError ex) {
					logger.debug("The assistant failed", ex);
					this.stop.sleep(PAUSE_AFTER_FAILURE);
				}
			}
		}
		catch (InterruptedException ex) {
			logger.debug("The assistant was interrupted");
		}
	}

	/** There may be something to do. */
	void call() {
		if (isClaimNeeded() || isSaveNeeded()) {
			this.alarm.ring();
		}
	}

	void stop() {
		this.stopped = true;
		this.alarm.ring();
		this.stop.ring();
	}

	private void work() throws SQLException, InterruptedException {
		boolean called = this.alarm.sleep(REST);
		boolean worked = false;
		// Also without a call: it is not repeated, and may have come when nothing was
		// wanted.
		while (!this.stopped && workOnce()) {
			worked = true;
		}
		if (!called && !worked) {
			this.connection.giveBack();
		}
	}

	private boolean workOnce() throws SQLException, InterruptedException {
		return isSaveNeeded() ? save() : isClaimNeeded() && claim();
	}

	/** What has been done makes room for what is to do, and so comes first. */
	private boolean save() throws SQLException, InterruptedException {
		// What is taken from the queue should not wait for a connection from the pool.
		this.connection.keepAlive();
		this.saver.saveOrPutOff(this.queue.take(0));
		return true;
	}

	private boolean claim() throws SQLException {
		if (this.claims.claim(this.connection) == Claims.NOT_ASKED) {
			return false;
		}
		if (this.agenda.isEmpty()) {
			this.onExhausted.run();
		}
		return true;
	}

	/** When nothing more is claimed for what piles up, the steps miss no connection. */
	private boolean isSaveNeeded() {
		return this.queue.hasSurplus() && (isWelcome() || (this.queue.isFull() && this.healthy.getAsBoolean()));
	}

	private boolean isClaimNeeded() {
		return this.agenda.isDeep() && isWelcome() && this.demand.size() > 0;
	}

	private boolean isWelcome() {
		return this.demand.outrunsClaims() && this.healthy.getAsBoolean();
	}

}
