package io.pgtask.outages;

import java.time.Duration;
import java.time.OffsetDateTime;
import java.util.List;
import java.util.UUID;

import javax.sql.DataSource;

import org.springframework.jdbc.core.simple.JdbcClient;

/**
 * What the steps of some processes did, by their own clocks and by that of the database.
 */
final class ClockHistory {

	static final String TELL = "INSERT INTO clock_history (task, step, event, process, clock) VALUES (?, ?, ?, ?, ?)";

	private static final String COLUMNS = "task uuid, step text, event text, process text, clock timestamptz, "
			+ "at timestamptz DEFAULT clock_timestamp()";

	private final JdbcClient jdbc;

	private ClockHistory(DataSource dataSource) {
		this.jdbc = JdbcClient.create(dataSource);
	}

	static ClockHistory create(DataSource dataSource) {
		ClockHistory history = new ClockHistory(dataSource);
		history.jdbc.sql("CREATE TABLE clock_history (" + COLUMNS + ")").update();
		return history;
	}

	/** Returns the entries about a step, in their order. */
	List<Entry> of(String step) {
		return this.jdbc.sql("SELECT task, event, process, clock, at FROM clock_history WHERE step = ? ORDER BY at")
			.param(step)
			.query((row, number) -> new Entry(row.getObject("task", UUID.class), row.getString("event"),
					row.getString("process"), row.getObject("clock", OffsetDateTime.class),
					row.getObject("at", OffsetDateTime.class)))
			.list();
	}

	/** Returns how many steps have started, repetitions included. */
	int starts() {
		return count("SELECT count(*) FROM clock_history WHERE event = 'starts'");
	}

	/** Returns how many different steps have started. */
	int steps() {
		return count("SELECT count(DISTINCT (task, step)) FROM clock_history");
	}

	/** Returns how many processes have run the step that takes longest. */
	int runners() {
		return count("SELECT count(DISTINCT process) FROM clock_history WHERE step = 'Second' AND event = 'ends'");
	}

	private int count(String sql) {
		return this.jdbc.sql(sql).query(Integer.class).single();
	}

	/**
	 * What a step did.
	 *
	 * @param task its task
	 * @param event that it starts, or ends
	 * @param process the process
	 * @param clock the time of the process
	 * @param at the time of the database, which is the true one
	 */
	record Entry(UUID task, String event, String process, OffsetDateTime clock, OffsetDateTime at) {

		/** Returns by how much the process is ahead, in minutes. */
		long minutesAhead() {
			return Math.round(Duration.between(this.at, this.clock).toSeconds() / 60.0);
		}

	}

}
