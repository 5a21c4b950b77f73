package io.pgtask.store;

import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.UUID;

import io.pgtask.test.TestDatabase;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Saves transitions of tasks in a table of its own.
 */
final class SavedTransitions {

	static final Duration MINUTE = Duration.ofMinutes(1);

	private final TransitionStatements statements = new TransitionStatements(TaskTable.inSearchPath());

	private final List<ClaimKey> cancelled = new ArrayList<>();

	private final TestDatabase database;

	private final TaskRows rows;

	SavedTransitions(TestDatabase database) {
		this.database = database;
		this.rows = new TaskRows(database);
	}

	TransitionStatements statements() {
		return this.statements;
	}

	List<ClaimKey> cancelled() {
		return this.cancelled;
	}

	TestDatabase database() {
		return this.database;
	}

	TaskRows rows() {
		return this.rows;
	}

	void assertSaved(TransitionKind kind, UUID id) throws SQLException {
		assertThat(save(kind.of(id))).containsExactly(new ClaimKey(id, TransitionKind.TOKEN));
	}

	Set<ClaimKey> save(Transition... transitions) throws SQLException {
		return this.rows.callInTransaction(
				(connection) -> this.statements.save(connection, List.of(transitions), this.cancelled::add));
	}

}
