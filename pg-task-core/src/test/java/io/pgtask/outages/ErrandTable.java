package io.pgtask.outages;

import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentLinkedQueue;

import javax.sql.DataSource;

import org.springframework.dao.DataAccessException;
import org.springframework.jdbc.core.simple.JdbcClient;

/**
 * The table as somebody sees it who is not affected by the outage.
 */
final class ErrandTable {

	private final JdbcClient jdbc;

	private final ConcurrentLinkedQueue<UUID> acknowledged = new ConcurrentLinkedQueue<>();

	ErrandTable(DataSource dataSource) {
		this.jdbc = JdbcClient.create(dataSource);
	}

	JdbcClient jdbc() {
		return this.jdbc;
	}

	/** Inserts errands by plain SQL, with a notification. */
	List<UUID> insert(int count) {
		List<UUID> ids = this.jdbc.sql("""
				INSERT INTO pg_task (step)
				SELECT '{"Errand":{"First":{"number":' || n || '}}}' FROM generate_series(1, ?) n RETURNING id
				""").param(count).query(UUID.class).list();
		this.acknowledged.addAll(ids);
		return ids;
	}

	/** Returns what was inserted and not refused. */
	Set<UUID> acknowledged() {
		return new HashSet<>(this.acknowledged);
	}

	int count() {
		return this.jdbc.sql("SELECT count(*) FROM pg_task").query(Integer.class).single();
	}

	boolean isEmpty() {
		try {
			return count() == 0;
		}
		catch (DataAccessException ex) {
			return false;
		}
	}

	/** Returns the steps of the tasks that somebody has claimed. */
	Set<String> claimed() {
		return new HashSet<>(this.jdbc.sql("""
				SELECT id, substring(step from '"Errand":\\{"(\\w+)"') AS step FROM pg_task WHERE locked_by IS NOT NULL
				""")
			.query((row, number) -> ErrandLog.key(row.getObject("id", UUID.class), row.getString("step")))
			.list());
	}

	/**
	 * Returns the ports from which the server sees listeners come, which show by their
	 * locks that they are present.
	 */
	List<Integer> listening() {
		return this.jdbc.sql("""
				SELECT a.client_port FROM pg_stat_activity a JOIN pg_locks l USING (pid)
				WHERE a.datname = current_database() AND l.locktype = 'advisory'
				""").query(Integer.class).list();
	}

	/** Returns how many sessions of a worker run a statement right now. */
	int active() {
		return this.jdbc.sql("""
				SELECT count(*) FROM pg_stat_activity
				WHERE datname = current_database() AND pid <> pg_backend_pid() AND state = 'active'
				""").query(Integer.class).single();
	}

	void clear() {
		this.jdbc.sql("TRUNCATE pg_task").update();
		this.acknowledged.clear();
	}

}
