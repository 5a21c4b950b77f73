package io.pgtask.store;

import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Settings that hold for one transaction, sent ahead of its statement in the same round
 * trip.
 * <p>
 * Every statement of the engine has one good plan, whatever the size of the table: by the
 * claim index or by the primary key. The planner may think otherwise, because a queue's
 * statistics are always of another hour: a generic plan made while the table was nearly
 * empty would scan a backlog of millions for every claim, and a table just filled has
 * none.
 */
final class Planning {

	/** A range of the claim index, read in its own order. */
	static final String BY_CLAIM_INDEX = settings(
			Stream.of("jit", "enable_seqscan", "enable_bitmapscan", "enable_sort"));

	/**
	 * Rows by their ids, matched with as many values: in a nested loop the work would
	 * grow with the square of the batch.
	 */
	static final String BY_IDS = settings(Stream.of("jit", "enable_seqscan", "enable_nestloop"));

	/**
	 * The condition that a row is not parked, for a statement that knows the ids of its
	 * rows: as <code>t.error IS NULL</code> it would offer the planner the indexes that
	 * hold just these rows. It takes the one on the tokens for small whenever nothing was
	 * claimed when the table was analyzed, and reads all of it for every batch.
	 */
	static final String NOT_PARKED = "num_nulls(t.error) = 1";

	/** Few rows by an index, whatever the planner believes of the tables. */
	static final String WITHOUT_SCANS = settings(Stream.of("jit", "enable_seqscan"));

	/** What the server forgets in a crash need not wait for its disk. */
	static final String WITHOUT_WAITING = "set_config('synchronous_commit', 'off', true)";

	private Planning() {
	}

	private static String settings(Stream<String> switchedOff) {
		return switchedOff.map((setting) -> "set_config('" + setting + "', 'off', true)")
			.collect(Collectors.joining(", "));
	}

	/**
	 * Put settings before a statement. The two are one transaction where the connection
	 * commits by itself, because the driver sends them without a synchronisation in
	 * between.
	 */
	static String with(String settings, String sql) {
		return "SELECT " + settings + ";\n" + sql;
	}

	/**
	 * Run a statement made by {@link #with}.
	 * @return the rows of the statement behind the settings
	 */
	static ResultSet query(PreparedStatement statement) throws SQLException {
		statement.execute();
		statement.getMoreResults();
		return statement.getResultSet();
	}

	/**
	 * Run a statement made by {@link #with} that has no rows.
	 * @return how many rows it changed
	 */
	static int update(PreparedStatement statement) throws SQLException {
		statement.execute();
		statement.getMoreResults();
		return statement.getUpdateCount();
	}

}
