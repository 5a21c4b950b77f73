package io.pgtask.worker;

import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.function.Consumer;

import io.pgtask.store.ClaimTokens;
import io.pgtask.store.PresenceStatements;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Shows that the worker lives, by the session of its listening connection. A worker that
 * has lost it and does not come back in time must reckon with having been taken for dead:
 * it starts nothing more of what it had claimed while it was present, and finds out what
 * is left of what runs. Whatever it claims meanwhile nobody takes away before its lease
 * ends.
 */
final class Presence implements ListenerSession {

	private static final Logger logger = LoggerFactory.getLogger(Presence.class);

	/** Half of the time after which the others take the tasks of a missing worker. */
	private static final Duration TRUST = Duration.ofSeconds(1);

	private static final Duration CHECK_INTERVAL = Duration.ofSeconds(2);

	private final PresenceStatements statements;

	private final Identity identity;

	private final Holdings holdings;

	private final Observer observer;

	private final Consumer<Outcome> outcomes;

	private final Runnable checkLeases;

	private volatile @Nullable Long lostSinceNanos;

	private volatile long lastCheckNanos = System.nanoTime();

	private boolean refused;

	/**
	 * Create a presence that does not show yet.
	 * @param statements announces it
	 * @param identity who is announced
	 * @param holdings what the worker holds
	 * @param observer sees to the others
	 * @param outcomes takes back what must not be started
	 * @param checkLeases finds out which claims are still those of the worker
	 */
	Presence(PresenceStatements statements, Identity identity, Holdings holdings, Observer observer,
			Consumer<Outcome> outcomes, Runnable checkLeases) {
		this.statements = statements;
		this.identity = identity;
		this.holdings = holdings;
		this.observer = observer;
		this.outcomes = outcomes;
		this.checkLeases = checkLeases;
	}

	@Override
	public void opened(Connection connection) throws SQLException {
		Long tableId = announce(connection);
		if (tableId == null) {
			return;
		}
		boolean doubtful = isDoubtful();
		this.lostSinceNanos = null;
		this.identity.announced(true);
		if (doubtful) {
			this.checkLeases.run();
		}
		this.observer.opened(tableId);
	}

	/** Without presence there is still listening. */
	private @Nullable Long announce(Connection connection) throws SQLException {
		try {
			Long tableId = this.statements.announce(connection, this.identity.presenceKey());
			if (tableId == null) {
				refused("the listening connection leads through a proxy that hides the server's sessions");
			}
			return tableId;
		}
		catch (SQLException ex) {
			if (connection.isClosed()) {
				throw ex;
			}
			refused(ex.toString());
			return null;
		}
	}

	private void refused(String reason) {
		if (!this.refused) {
			this.refused = true;
			logger.info("Should this worker die, its tasks wait for the end of their leases: {}", reason);
		}
	}

	@Override
	public Duration tick(Connection connection) throws SQLException {
		return this.identity.isAnnounced() ? this.observer.tick(connection) : CHECK_INTERVAL;
	}

	@Override
	public void closing(Connection connection) throws SQLException {
		if (this.identity.isAnnounced()) {
			this.statements.withdraw(connection, this.identity.presenceKey());
		}
	}

	@Override
	public void lost() {
		if (this.identity.isAnnounced()) {
			this.lostSinceNanos = System.nanoTime();
			this.identity.announced(false);
		}
		this.observer.lost();
	}

	@Override
	public void ended() {
		this.observer.ended();
	}

	/** To be called often. Gives back what waits if it may have been taken over. */
	void look() {
		if (!isDoubtful()) {
			return;
		}
		for (Execution execution : this.holdings.all()) {
			giveBackIfAnnounced(execution);
		}
		long now = System.nanoTime();
		if (now - this.lastCheckNanos > CHECK_INTERVAL.toNanos()
				&& this.holdings.all().stream().anyMatch(Presence::isAnnounced)) {
			this.lastCheckNanos = now;
			this.checkLeases.run();
		}
	}

	/**
	 * Give back what may have been taken over.
	 * @return the others
	 */
	List<Execution> giveBackFrom(List<Execution> executions) {
		return !isDoubtful() ? executions
				: executions.stream().filter((execution) -> !giveBackIfAnnounced(execution)).toList();
	}

	private boolean giveBackIfAnnounced(Execution execution) {
		boolean givenBack = isAnnounced(execution) && execution.withdraw();
		if (givenBack) {
			this.outcomes.accept(Outcome.giveBack(execution));
		}
		return givenBack;
	}

	private boolean isDoubtful() {
		Long since = this.lostSinceNanos;
		return since != null && System.nanoTime() - since > TRUST.toNanos();
	}

	private static boolean isAnnounced(Execution execution) {
		return ClaimTokens.isAnnounced(execution.token());
	}

}
