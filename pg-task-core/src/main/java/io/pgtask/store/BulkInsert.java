package io.pgtask.store;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Savepoint;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.UUID;

/**
 * Inserts any number of tasks in one transaction, all or none. Those without a unique key
 * go by {@code COPY}, the others by the statements for keys, and of neither is more kept
 * in memory than is sent at once.
 */
final class BulkInsert {

	private static final String NOW = "SELECT statement_timestamp()";

	/** How many tasks with keys share a statement. */
	private static final int KEYED = 1000;

	private final CallerConnection connections;

	private final TaskTable table;

	private final KeyedInsert keyedInsert;

	BulkInsert(CallerConnection connections, TaskTable table, KeyedInsert keyedInsert) {
		this.connections = connections;
		this.table = table;
		this.keyedInsert = keyedInsert;
	}

	/**
	 * Insert tasks.
	 * @param connection a connection in a transaction, which the iterator may use, too
	 * @param tasks the tasks
	 * @return their ids, or those of the ones that were there before
	 */
	List<UUID> insert(Connection connection, Iterator<NewTask> tasks) throws SQLException {
		Savepoint before = connection.setSavepoint();
		try {
			List<UUID> ids = insertAll(connection, tasks);
			connection.releaseSavepoint(before);
			return ids;
		}
		catch (SQLException | RuntimeException | Error ex) {
			rollback(connection, before, ex);
			throw ex;
		}
	}

	private List<UUID> insertAll(Connection connection, Iterator<NewTask> tasks) throws SQLException {
		TaskIdList ids = new TaskIdList();
		CopyRows rows = new CopyRows(connection, this.table, now(connection));
		Keyed keyed = new Keyed(connection, ids);
		while (tasks.hasNext()) {
			NewTask task = tasks.next();
			ids.append(task.id());
			if (task.isKeyed()) {
				keyed.add(task);
			}
			else {
				rows.add(task);
			}
		}
		rows.send();
		keyed.insert();
		return ids;
	}

	private Instant now(Connection connection) throws SQLException {
		try (PreparedStatement statement = this.connections.prepare(connection, NOW);
				ResultSet row = statement.executeQuery()) {
			row.next();
			return row.getObject(1, OffsetDateTime.class).toInstant();
		}
	}

	/** Whoever catches the exception must not commit a half. */
	private static void rollback(Connection connection, Savepoint before, Throwable failure) {
		try {
			connection.rollback(before);
		}
		catch (SQLException ex) {
			failure.addSuppressed(ex);
		}
	}

	/** Tasks with keys that wait to be inserted. */
	private final class Keyed {

		private final Connection connection;

		private final TaskIdList ids;

		private final List<NewTask> tasks = new ArrayList<>();

		private final List<Integer> positions = new ArrayList<>();

		Keyed(Connection connection, TaskIdList ids) {
			this.connection = connection;
			this.ids = ids;
		}

		void add(NewTask task) throws SQLException {
			this.tasks.add(task);
			this.positions.add(this.ids.size() - 1);
			if (this.tasks.size() == KEYED) {
				insert();
			}
		}

		void insert() throws SQLException {
			if (this.tasks.isEmpty()) {
				return;
			}
			List<UUID> inserted = BulkInsert.this.keyedInsert.insert(this.connection, this.tasks, null);
			for (int i = 0; i < inserted.size(); i++) {
				this.ids.put(this.positions.get(i), inserted.get(i));
			}
			this.tasks.clear();
			this.positions.clear();
		}

	}

}
