package io.pgtask.store;

import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;

import javax.sql.DataSource;

import io.pgtask.HousekeepingReport;
import io.pgtask.TaskHousekeeping;
import org.springframework.dao.DataAccessException;
import org.springframework.jdbc.UncategorizedSQLException;
import org.springframework.jdbc.support.SQLStateSQLExceptionTranslator;

/**
 * Keeps house by SQL. Each part is a transaction that begins with an advisory lock, which
 * ends with it: it needs no session of its own, and nothing is left behind by a node that
 * dies. Thread-safe.
 */
public final class JdbcTaskHousekeeping implements TaskHousekeeping {

	/** To drop a large partition takes a while. */
	private static final Duration NETWORK_TIMEOUT = Duration.ofMinutes(1);

	private final DataSource dataSource;

	private final HistorySettings history;

	private final HousekeepingStatements statements;

	/**
	 * Create a housekeeping.
	 * @param dataSource where the tables are
	 * @param table the table of the tasks, which says what is kept
	 * @param settings for how long it is kept
	 */
	public JdbcTaskHousekeeping(DataSource dataSource, TaskTable table, HousekeepingSettings settings) {
		this.dataSource = dataSource;
		this.history = table.history();
		this.statements = new HousekeepingStatements(table, settings);
	}

	/**
	 * Return whether there can ever be anything to do.
	 * @return whether there is a history, or tasks that are parked for long are moved
	 */
	public boolean isNeeded() {
		return this.history.isOn() || this.history.deadTasks();
	}

	@Override
	public HousekeepingReport run() {
		if (!isNeeded()) {
			return HousekeepingReport.NOTHING;
		}
		HousekeepingStatements.Due due = execute("look what to keep in order",
				(connection) -> connection.execute(this.statements::due));
		HousekeepingReport report = HousekeepingReport.NOTHING;
		if (due.prepare()) {
			report = report.and(createPartitions());
		}
		if (due.prune()) {
			report = report.and(pruneHistory());
		}
		if (due.tasks()) {
			report = report.and(moveDeadTasks());
		}
		return report;
	}

	@Override
	public HousekeepingReport createPartitions() {
		return this.history.isOn() ? alone("create partitions", this.statements::prepare) : HousekeepingReport.NOTHING;
	}

	@Override
	public HousekeepingReport pruneHistory() {
		return this.history.isOn() ? alone("prune the history", this.statements::prune) : HousekeepingReport.NOTHING;
	}

	/**
	 * {@inheritDoc} A task that somebody has parked by SQL counts as parked when this
	 * first sees it.
	 */
	@Override
	public HousekeepingReport moveDeadTasks() {
		if (!this.history.deadTasks()) {
			return HousekeepingReport.NOTHING;
		}
		HousekeepingReport report = HousekeepingReport.NOTHING;
		while (true) {
			HousekeepingReport moved = alone("move dead tasks", this::move);
			report = report.and(moved);
			if (moved.dead() < HousekeepingStatements.BATCH) {
				return report;
			}
		}
	}

	private HousekeepingReport move(Connection connection) throws SQLException {
		this.statements.date(connection);
		int moved = this.statements.move(connection);
		return new HousekeepingReport(true, List.of(), List.of(), List.of(), 0, moved);
	}

	private HousekeepingReport alone(String what, HeldConnection.SqlWork<HousekeepingReport> work) {
		return execute(what, (held) -> held.executeInTransaction((connection) -> this.statements.lock(connection)
				? work.execute(connection) : HousekeepingReport.NOT_PERFORMED));
	}

	private <T> T execute(String what, Work<T> work) {
		try (HeldConnection connection = new HeldConnection(this.dataSource, NETWORK_TIMEOUT)) {
			return work.execute(connection);
		}
		catch (SQLException ex) {
			DataAccessException translated = new SQLStateSQLExceptionTranslator().translate(what, null, ex);
			throw (translated != null) ? translated : new UncategorizedSQLException(what, null, ex);
		}
	}

	/**
	 * Work on a connection of its own.
	 *
	 * @param <T> the type of the result
	 */
	@FunctionalInterface
	private interface Work<T> {

		T execute(HeldConnection connection) throws SQLException;

	}

}
