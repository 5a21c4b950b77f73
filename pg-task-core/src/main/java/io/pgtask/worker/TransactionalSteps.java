package io.pgtask.worker;

import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.EnumSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;

import io.pgtask.registry.StepDefinition;
import io.pgtask.registry.TransactionSettings;
import io.pgtask.store.JoinedTransition;
import org.jspecify.annotations.Nullable;

import org.springframework.transaction.CannotCreateTransactionException;

/**
 * Runs transactional steps: the step and its transition in one transaction of the
 * application. Nothing of a step stays without its transition, and the other way round.
 */
final class TransactionalSteps {

	/** When to try again a step whose transaction could not be started. */
	private static final Duration PAUSE = Duration.ofSeconds(1);

	/** The others end an attempt as an exception does. */
	private static final Set<StepOutcome> COMMITTED = EnumSet.of(StepOutcome.DONE, StepOutcome.NEXT,
			StepOutcome.POSTPONED, StepOutcome.CANCELLED);

	private final StepTransactions transactions;

	private final JoinedTransition joined;

	private final Transitions transitions;

	private final Settlement settlement;

	private final ConnectionGuard guard;

	private final Duration lease;

	private final Outage outage = new Outage("start of transactional steps");

	TransactionalSteps(StepTransactions transactions, JoinedTransition joined, Transitions transitions,
			Settlement settlement, ConnectionGuard guard, Duration lease) {
		this.transactions = transactions;
		this.joined = joined;
		this.transitions = transitions;
		this.settlement = settlement;
		this.guard = guard;
		this.lease = lease;
	}

	/**
	 * Run a step.
	 * @param execution the execution, which has begun
	 * @param definition the step, a transactional one
	 * @param call calls it
	 * @param start when the execution began, on the scale of {@link System#nanoTime()}
	 * @return the outcome that is still to be saved, or {@code null} if everything is
	 * settled
	 * @throws Throwable the failure of the step or of its transaction, of which nothing
	 * stays
	 */
	@Nullable Outcome run(Execution execution, StepDefinition definition, StepCall call, long start) throws Throwable {
		if (!this.guard.enter()) {
			return postponed(execution, definition, "can't begin: " + this.guard.refusal());
		}
		Ended ended;
		try {
			ended = runInTransaction(execution, definition, call, start);
		}
		catch (CannotBeginException ex) {
			return postponed(execution, definition, "can't begin: " + ErrorText.of(ex.getCause()));
		}
		finally {
			execution.holdRow(false);
			this.guard.leave();
		}
		return settle(ended);
	}

	private Ended runInTransaction(Execution execution, StepDefinition definition, StepCall call, long start)
			throws Throwable {
		TransactionSettings settings = Objects.requireNonNull(definition.transaction());
		StepTransaction transaction = begin(definition, settings);
		Ended ended;
		try {
			if (!settings.readOnly()) {
				holdRowIfNeeded(execution, settings);
			}
			Outcome outcome = this.transitions.returned(execution, definition,
					TimedCall.proceed(execution, definition, call), since(start));
			// Whoever interrupted the step did not mean the statements that follow; a
			// virtual thread would close their connection.
			Thread.interrupted();
			ended = settings.readOnly() ? new Ended(outcome, Fate.TO_BE_SAVED, null) : save(execution, outcome);
		}
		catch (Throwable ex) {
			Thread.interrupted();
			execution.reopen();
			transaction.rollbackAfter(ex);
			throw ex;
		}
		return (ended.fate() == Fate.SAVED || settings.readOnly()) ? commit(execution, transaction, ended)
				: rollback(transaction, ended);
	}

	private StepTransaction begin(StepDefinition definition, TransactionSettings settings) throws CannotBeginException {
		try {
			StepTransaction transaction = this.transactions.begin(definition, settings);
			succeeded();
			return transaction;
		}
		catch (CannotCreateTransactionException ex) {
			failed(ex);
			throw new CannotBeginException(ex);
		}
	}

	/**
	 * A transaction that reads one snapshot could not write to a row that the lease
	 * keeper has renewed since, so it keeps the row locked, and with it the lease.
	 */
	private void holdRowIfNeeded(Execution execution, TransactionSettings settings) throws CannotBeginException {
		try {
			if (!this.transactions.readsOneSnapshot(settings)) {
				return;
			}
			if (!this.joined.hold(execution.key())) {
				throw new CannotBeginException(new IllegalStateException(
						"Somebody else has locked the row of the task, or has taken it over"));
			}
			execution.holdRow(true);
		}
		catch (SQLException ex) {
			throw new CannotBeginException(ex);
		}
	}

	private Ended save(Execution execution, Outcome outcome) throws SQLException {
		boolean stays = COMMITTED.contains(outcome.kind());
		// Behind its end the execution can no longer be interrupted: the commit decides.
		if (!stays || !execution.end()) {
			return new Ended(outcome, Fate.TO_BE_SAVED, null);
		}
		Lease renewed = null;
		if (execution.isRowHeld()) {
			long sent = System.nanoTime();
			Instant deadline = this.joined.renewHeld(execution.key(), this.lease);
			renewed = Lease.sentAt(sent, this.lease, deadline);
		}
		return switch (this.joined.save(outcome.transition(), execution.lease().remaining())) {
			case SAVED -> new Ended(outcome, Fate.SAVED, renewed);
			case CANCELLED -> new Ended(outcome.cancelled(), Fate.SAVED, renewed);
			case REFUSED -> new Ended(outcome, Fate.REFUSED, renewed);
		};
	}

	private static Ended commit(Execution execution, StepTransaction transaction, Ended ended) {
		try {
			boolean certain = transaction.commit();
			return (certain || ended.fate() == Fate.TO_BE_SAVED) ? ended
					: new Ended(ended.outcome(), Fate.UNKNOWN, null);
		}
		catch (RuntimeException | Error ex) {
			execution.reopen();
			throw ex;
		}
	}

	private static Ended rollback(StepTransaction transaction, Ended ended) {
		transaction.rollback();
		return ended;
	}

	/**
	 * The execution may already run its next step on another thread when this returns.
	 */
	private @Nullable Outcome settle(Ended ended) {
		Outcome outcome = ended.outcome();
		if (ended.fate() == Fate.TO_BE_SAVED) {
			return outcome;
		}
		if (ended.lease() != null) {
			outcome.execution().renew(ended.lease());
		}
		switch (ended.fate()) {
			case SAVED -> this.settlement.saved(List.of(outcome));
			case REFUSED -> this.settlement.lost(List.of(outcome));
			default -> this.settlement.unknown(outcome);
		}
		return null;
	}

	/** The step has not failed: it was not called. */
	private Outcome postponed(Execution execution, StepDefinition definition, String reason) {
		return this.transitions.postponed(execution, definition, PAUSE, reason);
	}

	private synchronized void failed(CannotCreateTransactionException failure) {
		this.outage.failed(failure);
	}

	private synchronized void succeeded() {
		this.outage.succeeded();
	}

	private static Duration since(long start) {
		return Duration.ofNanos(System.nanoTime() - start);
	}

	private enum Fate {

		/** The outcome is not part of the transaction. */
		TO_BE_SAVED,

		/** The outcome was saved with the step. */
		SAVED,

		/** The lease was lost, and the step rolled back. */
		REFUSED,

		/** The connection broke during the commit. */
		UNKNOWN

	}

	/**
	 * How a transaction ended.
	 *
	 * @param outcome the outcome of the step
	 * @param fate what became of it
	 * @param lease the lease that was renewed with it, if any
	 */
	private record Ended(Outcome outcome, Fate fate, @Nullable Lease lease) {
	}

	/** The step was not called. */
	private static final class CannotBeginException extends Exception {

		private static final long serialVersionUID = 1L;

		private final Exception reason;

		CannotBeginException(Exception reason) {
			super(reason);
			this.reason = reason;
		}

		@Override
		public synchronized Exception getCause() {
			return this.reason;
		}

	}

}
