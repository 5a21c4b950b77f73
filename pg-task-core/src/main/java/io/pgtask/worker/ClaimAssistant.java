package io.pgtask.worker;

import java.sql.SQLException;
import java.time.Duration;
import java.util.function.BooleanSupplier;

import io.pgtask.store.HeldConnection;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Claims beside the {@link Claimer} while there is a backlog of tasks that are worked off
 * faster than one connection can claim them. It has a connection only then.
 */
final class ClaimAssistant implements Runnable {

	private static final Logger logger = LoggerFactory.getLogger(ClaimAssistant.class);

	/** After this time without work the connection goes back to the pool. */
	private static final Duration REST = Duration.ofSeconds(2);

	/** How long the claimer is left alone after an error, which it will meet as well. */
	private static final Duration PAUSE_AFTER_FAILURE = Duration.ofSeconds(10);

	private final HeldConnection connection;

	private final Claims claims;

	private final Agenda agenda;

	private final Demand demand;

	private final BooleanSupplier healthy;

	private final Runnable onExhausted;

	private final Alarm alarm = new Alarm();

	private final Alarm stop = new Alarm();

	private volatile boolean stopped;

	/**
	 * Create an assistant that does not run yet.
	 * @param healthy whether the claimer claims
	 * @param onExhausted called when it has claimed the last task in sight
	 */
	ClaimAssistant(HeldConnection connection, Claims claims, Agenda agenda, Demand demand, BooleanSupplier healthy,
			Runnable onExhausted) {
		this.connection = connection;
		this.claims = claims;
		this.agenda = agenda;
		this.demand = demand;
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
					logger.debug("A claim beside the claimer failed", ex);
					this.stop.sleep(PAUSE_AFTER_FAILURE);
				}
			}
		}
		catch (InterruptedException ex) {
			logger.debug("The claim assistant was interrupted");
		}
	}

	/** The slots may have become free. */
	void demandChanged() {
		if (isNeeded()) {
			this.alarm.ring();
		}
	}

	void stop() {
		this.stopped = true;
		this.alarm.ring();
		this.stop.ring();
	}

	private void work() throws SQLException, InterruptedException {
		if (!this.alarm.sleep(REST)) {
			this.connection.giveBack();
			return;
		}
		while (!this.stopped && isNeeded() && this.demand.size() > 0) {
			this.claims.claim(this.connection);
			if (this.agenda.isEmpty()) {
				this.onExhausted.run();
			}
		}
	}

	private boolean isNeeded() {
		return this.demand.outrunsClaims() && this.agenda.isDeep() && this.healthy.getAsBoolean();
	}

}
