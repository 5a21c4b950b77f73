package io.pgtask.worker;

import java.util.List;

import javax.sql.DataSource;

import org.springframework.jdbc.core.simple.JdbcClient;

/**
 * What has happened to journeys, in one order for all processes: a step starts, as the
 * process says that runs it, and its transition is saved, as the table itself says within
 * the transaction of the transition.
 */
final class History {

	static final String START = """
			INSERT INTO history (event, task, step, delivery, process) VALUES ('start', ?, ?, ?, ?)
			""";

	private static final String CREATE = """
			CREATE TABLE IF NOT EXISTS history (n bigserial PRIMARY KEY, event text, task uuid, step text, delivery int,
				process text);
			CREATE INDEX IF NOT EXISTS history_step ON history (task, step);
			CREATE OR REPLACE FUNCTION record_transition() RETURNS trigger LANGUAGE plpgsql AS $$
			BEGIN
				INSERT INTO history (event, task, step)
				VALUES ('saved', OLD.id, substring(OLD.step FROM '^{"Journey":{"([^"]+)"'));
				RETURN NULL;
			END $$;
			CREATE OR REPLACE TRIGGER record_transition AFTER UPDATE OF step ON pg_task FOR EACH ROW
			WHEN (OLD.step IS DISTINCT FROM NEW.step) EXECUTE FUNCTION record_transition();
			CREATE OR REPLACE TRIGGER record_end AFTER DELETE ON pg_task FOR EACH ROW
			EXECUTE FUNCTION record_transition();
			""";

	private static final String MARK = """
			INSERT INTO history (event) VALUES (?) RETURNING n
			""";

	// Asked while the history is written, and therefore without reading it.
	private static final String LENGTH = """
			SELECT last_value FROM history_n_seq
			""";

	private static final String SAVED = """
			SELECT count(*) FROM history WHERE event = 'saved'
			""";

	private static final String STARTED = """
			SELECT count(*) FROM history WHERE event = 'start' AND process = ?
			""";

	// Whoever saved a step: it must be saved once, and never start again.
	private static final String SAVED_TWICE = """
			SELECT task || ' ' || step FROM history WHERE event = 'saved' GROUP BY task, step HAVING count(*) > 1
			""";

	private static final String STARTED_AFTER_SAVED = """
			SELECT started.task || ' ' || started.step || ' in ' || started.process
			FROM history started JOIN history saved USING (task, step)
			WHERE started.event = 'start' AND saved.event = 'saved' AND started.n > saved.n
			""";

	private static final String STARTED_AGAIN = """
			SELECT task || ' ' || step FROM history WHERE event = 'start' GROUP BY task, step HAVING count(*) > 1
			""";

	private static final String IN_FLIGHT = """
			SELECT started.task || ' ' || started.step FROM history started
			WHERE started.event = 'start' AND started.process = ? AND started.n < ?
				AND NOT EXISTS (SELECT FROM history saved WHERE saved.event = 'saved' AND saved.task = started.task
					AND saved.step = started.step AND saved.n < ?)
			""";

	private final JdbcClient jdbc;

	private History(JdbcClient jdbc) {
		this.jdbc = jdbc;
	}

	/** Begins to record what happens to the tasks. */
	static History begin(DataSource dataSource) {
		JdbcClient jdbc = JdbcClient.create(dataSource);
		jdbc.sql(CREATE).update();
		return new History(jdbc);
	}

	void clear() {
		this.jdbc.sql("TRUNCATE history RESTART IDENTITY").update();
	}

	/**
	 * Records an event of the test.
	 * @return its place in the history
	 */
	long mark(String event) {
		return this.jdbc.sql(MARK).param(event).query(Long.class).single();
	}

	/** Returns how many events there are, about. */
	long length() {
		return this.jdbc.sql(LENGTH).query(Long.class).single();
	}

	int saved() {
		return this.jdbc.sql(SAVED).query(Integer.class).single();
	}

	int startedBy(String process) {
		return this.jdbc.sql(STARTED).param(process).query(Integer.class).single();
	}

	/** Returns the steps of which more than one outcome was accepted. */
	List<String> savedTwice() {
		return found(SAVED_TWICE);
	}

	/** Returns the finished steps that ran again. */
	List<String> startedAfterSaved() {
		return found(STARTED_AFTER_SAVED);
	}

	/** Returns the steps that ran more than once. */
	List<String> startedAgain() {
		return found(STARTED_AGAIN);
	}

	/** Returns the steps that a process had started but not finished by then. */
	List<String> inFlight(String process, long mark) {
		return found(IN_FLIGHT, process, mark, mark);
	}

	// Without statistics it may be joined with itself by comparing each event with each
	// other one, which takes minutes.
	private List<String> found(String sql, Object... parameters) {
		this.jdbc.sql("ANALYZE history").update();
		return this.jdbc.sql(sql).params(parameters).query(String.class).list();
	}

}
