package io.pgtask.faults;

import java.util.List;
import java.util.UUID;

import io.pgtask.store.JdbcTaskAdmin;

import org.springframework.jdbc.core.simple.JdbcClient;

/**
 * People who act on a busy table, by the API and by SQL that locks many rows in an order
 * of its own.
 */
final class Operators {

	private static final String SOME = """
			SELECT id, step FROM pg_task WHERE task IN ('Trip', 'Booking') ORDER BY random() LIMIT 5
			""";

	private static final String PARK = """
			UPDATE pg_task SET error = 'parked by hand'
			WHERE id = ? AND error IS NULL AND locked_by IS NULL
			""";

	private static final String PARK_RUNNING = """
			UPDATE pg_task SET error = 'parked by hand'
			WHERE position(? IN step) > 0
			RETURNING (extract(epoch FROM lock_expires_at) * 1000000)::bigint
			""";

	private static final String RESUME = """
			WITH parked AS MATERIALIZED (SELECT id FROM pg_task WHERE error IS NOT NULL ORDER BY id DESC FOR UPDATE)
			UPDATE pg_task t SET error = NULL FROM parked WHERE t.id = parked.id
			""";

	private Operators() {
	}

	static void act(Cluster cluster) {
		List<Row> rows = cluster.database()
			.jdbc()
			.sql(SOME)
			.query((row, number) -> new Row(row.getObject(1, UUID.class),
					RecordedStatement.left(row.getString(2), "", 0).task()))
			.list();
		rows.forEach((row) -> cluster.journal().write(Event.Kind.OPERATOR, row.task()));
		JdbcTaskAdmin admin = cluster.database().admin();
		for (Row row : rows) {
			switch (cluster.random().nextInt(4)) {
				case 0 -> admin.cancel(row.id());
				case 1 -> cluster.database().jdbc().sql(PARK).param(row.id()).update();
				case 2 -> admin.retry(row.id());
				default -> cluster.database().jdbc().sql(RESUME).update();
			}
		}
	}

	/**
	 * Parks a task whose step runs.
	 * @return when its lease ends, from which nobody may renew it
	 */
	static long parkRunning(JdbcClient jdbc, Journal journal, String task) {
		long lease = jdbc.sql(PARK_RUNNING).param(task).query(Long.class).single();
		journal.write(new Event(Event.Kind.OPERATOR, "", Journal.now(), task, "", "", 0, lease, "parks", true), "");
		return lease;
	}

	private record Row(UUID id, String task) {
	}

}
