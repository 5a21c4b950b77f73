package io.pgtask.store;

import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.UUID;

import io.pgtask.EndedTask;
import io.pgtask.test.TestDatabase;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Ends tasks in a table with a history, and looks at their records.
 */
final class RecordedEnds implements AutoCloseable {

	static final Duration MINUTE = Duration.ofMinutes(1);

	static final UUID TOKEN = UUID.fromString("0123abcd-0123-abcd-8888-000000000001");

	static final String NEXT = """
			{"Greeter":{"SayHello":{"name":"Fritz"}}}""";

	static final TaskTable TABLE = TaskTable.inSearchPath().keeping(HistorySettings.ALL);

	private final TransitionStatements statements = new TransitionStatements(TABLE);

	private final TestDatabase database;

	private final TaskRows rows;

	private final Wakeups wakeups;

	private final JdbcTaskHistory history;

	RecordedEnds(TestDatabase database) {
		this.database = database;
		this.rows = new TaskRows(database);
		this.wakeups = new Wakeups(database.dataSource());
		this.history = new JdbcTaskHistory(database.dataSource(), TABLE);
	}

	TransitionStatements statements() {
		return this.statements;
	}

	TestDatabase database() {
		return this.database;
	}

	TaskRows rows() {
		return this.rows;
	}

	Wakeups wakeups() {
		return this.wakeups;
	}

	JdbcTaskHistory history() {
		return this.history;
	}

	@Override
	public void close() {
		this.wakeups.close();
	}

	List<String> sent(TransitionStatements statements, Transition... transitions) throws SQLException {
		return this.rows.call((connection) -> {
			List<RecordedStatement> sent = RecordedStatement.of(connection,
					(recorder) -> assertThat(statements.save(recorder, List.of(transitions), (cancelled) -> {
					})).hasSize(transitions.length));
			connection.setAutoCommit(true);
			return sent.stream().map(RecordedStatement::sql).toList();
		});
	}

	Set<ClaimKey> save(Transition... transitions) throws SQLException {
		return this.rows
			.callInTransaction((connection) -> this.statements.save(connection, List.of(transitions), (cancelled) -> {
			}));
	}

	EndedTask ended(UUID id) {
		return this.history.find(id).orElseThrow(() -> new AssertionError("There is no record of " + id));
	}

	long records() {
		return Long.parseLong(this.rows.strings("SELECT count(*) FROM pg_task_history").get(0));
	}

}
