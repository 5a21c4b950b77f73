package io.pgtask.worker;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Collectors;

import io.pgtask.store.ClaimKey;
import io.pgtask.store.HeldConnection;
import io.pgtask.store.Transition;
import io.pgtask.store.TransitionStatements;

/**
 * Writes outcomes, each batch in one transaction, and tells what became of them.
 */
final class OutcomeBatches {

	private final HeldConnection connection;

	private final TransitionStatements statements;

	OutcomeBatches(HeldConnection connection, TransitionStatements statements) {
		this.connection = connection;
		this.statements = statements;
	}

	/** Write all of them or none, waiting a short time for rows that are locked. */
	Written write(List<Outcome> outcomes) throws SQLException {
		return this.connection.executeInTransaction((connection) -> {
			this.statements.begin(connection);
			return write(connection, outcomes, Set.of());
		});
	}

	/** Write those whose row nobody else has locked. */
	Written writeUnlocked(List<Outcome> outcomes) throws SQLException {
		return this.connection.executeInTransaction((connection) -> {
			this.statements.begin(connection);
			Set<UUID> lockable = this.statements.lock(connection, transitions(outcomes));
			Set<UUID> locked = outcomes.stream().map(Outcome::id).collect(Collectors.toSet());
			locked.removeAll(lockable);
			return write(connection, outcomes, locked);
		});
	}

	private Written write(Connection connection, List<Outcome> outcomes, Set<UUID> locked) throws SQLException {
		List<Outcome> open = locked.isEmpty() ? outcomes
				: outcomes.stream().filter((outcome) -> !locked.contains(outcome.id())).toList();
		Set<ClaimKey> cancelled = new HashSet<>();
		Set<ClaimKey> saved = this.statements.save(connection, transitions(open), cancelled::add);
		Set<UUID> present = (saved.size() < outcomes.size()) ? present(connection, outcomes, saved) : Set.of();
		return new Written(saved, cancelled, locked, present);
	}

	private Set<UUID> present(Connection connection, List<Outcome> outcomes, Set<ClaimKey> saved) throws SQLException {
		List<Outcome> unsaved = outcomes.stream().filter((outcome) -> !saved.contains(outcome.key())).toList();
		return this.statements.present(connection, transitions(unsaved));
	}

	private static List<Transition> transitions(List<Outcome> outcomes) {
		return outcomes.stream().map(Outcome::transition).toList();
	}

	/**
	 * What became of a batch.
	 *
	 * @param saved the claims whose transition was saved
	 * @param cancelled those of them whose task was ended, because somebody asked for
	 * that
	 * @param notLockable the tasks whose row someone else has locked, or that are gone
	 * @param present which of the tasks whose transition was not saved still exist
	 */
	record Written(Set<ClaimKey> saved, Set<ClaimKey> cancelled, Set<UUID> notLockable, Set<UUID> present) {

		boolean isSaved(Outcome outcome) {
			return this.saved.contains(outcome.key());
		}

		boolean isCancelled(Outcome outcome) {
			return this.cancelled.contains(outcome.key());
		}

		boolean isLocked(Outcome outcome) {
			return this.notLockable.contains(outcome.id()) && isPresent(outcome);
		}

		boolean isPresent(Outcome outcome) {
			return this.present.contains(outcome.id());
		}

	}

}
