package io.pgtask.worker;

import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.ReentrantLock;

import io.pgtask.CheckpointOption;
import io.pgtask.LeaseLostException;
import io.pgtask.registry.StepDefinition;
import io.pgtask.store.JoinedTransition;
import io.pgtask.store.Transition;

import org.springframework.dao.DataAccessException;
import org.springframework.jdbc.UncategorizedSQLException;
import org.springframework.jdbc.support.SQLStateSQLExceptionTranslator;
import org.springframework.transaction.support.TransactionSynchronization;
import org.springframework.transaction.support.TransactionSynchronizationManager;

/**
 * Saves the checkpoints of one call of a step: through the transition writer, so that
 * those of many steps make a batch, or in a transaction that the step has started.
 */
final class StepCheckpoints {

	/**
	 * How often somebody who waits looks whether there is still something to wait for.
	 */
	private static final long LOOK_MILLIS = 100;

	private static final String TASK = "save checkpoint";

	private final CheckpointParts parts;

	private final Execution execution;

	private final StepDefinition definition;

	/** One after the other; not a monitor, which would pin a virtual thread. */
	private final ReentrantLock lock = new ReentrantLock();

	/** Whether a transaction of the step holds the row. */
	private volatile boolean joined;

	private volatile boolean closed;

	StepCheckpoints(CheckpointParts parts, Execution execution, StepDefinition definition) {
		this.parts = parts;
		this.execution = execution;
		this.definition = definition;
	}

	void save(Object state, List<CheckpointOption> options) {
		requireOwnState(state);
		requirePlainStep();
		boolean anew = options.contains(CheckpointOption.RESET_ATTEMPTS);
		Transition.Checkpoint checkpoint = new Transition.Checkpoint(this.execution.id(), this.execution.token(),
				this.parts.codec().encode(state).text(), anew, this.parts.lease());
		this.lock.lock();
		try {
			requireOpen();
			if (options.contains(CheckpointOption.JOIN_TRANSACTION)) {
				join(checkpoint);
			}
			else {
				saveAndWait(checkpoint);
			}
		}
		finally {
			this.lock.unlock();
		}
	}

	/** The call is over; whoever still has the context can save nothing by it. */
	void close() {
		this.closed = true;
	}

	private void join(Transition.Checkpoint checkpoint) {
		if (!this.parts.joined().isPossible()) {
			throw new IllegalStateException("There is no transaction of pg-task's DataSource on this thread that the"
					+ " checkpoint could join: call it inside of one, or leave out JOIN_TRANSACTION");
		}
		long sent = System.nanoTime();
		this.joined = true;
		TransactionSynchronizationManager.registerSynchronization(new TransactionSynchronization() {

			@Override
			public void afterCompletion(int status) {
				StepCheckpoints.this.joined = false;
				if (status == STATUS_COMMITTED) {
					StepCheckpoints.this.execution.checkpointed(checkpoint, sent);
				}
			}

		});
		try {
			JoinedTransition.Result result = this.parts.joined().save(checkpoint, this.execution.lease().remaining());
			if (result == JoinedTransition.Result.REFUSED) {
				throw lost();
			}
		}
		catch (SQLException ex) {
			throw translate(ex);
		}
	}

	private void saveAndWait(Transition.Checkpoint checkpoint) {
		if (this.joined) {
			throw new IllegalStateException("A checkpoint of this step has joined a transaction that has not ended, and"
					+ " would be in the way of this one: end that transaction first, or use JOIN_TRANSACTION again");
		}
		long sent = System.nanoTime();
		CompletableFuture<Void> answer = this.execution.expectAnswer();
		this.parts.outcomes()
			.accept(new Outcome(this.execution, checkpoint, StepOutcome.NEXT, this.definition.step(), Duration.ZERO));
		await(answer);
		this.execution.checkpointed(checkpoint, sent);
	}

	/**
	 * Wait even if the step is interrupted, since the checkpoint is on its way; but no
	 * longer than the step has its lease. Until then the writer tries, whatever is the
	 * matter with the database.
	 */
	private void await(CompletableFuture<Void> answer) {
		boolean interrupted = false;
		try {
			while (true) {
				try {
					answer.get(LOOK_MILLIS, TimeUnit.MILLISECONDS);
					return;
				}
				catch (InterruptedException ex) {
					interrupted = true;
				}
				catch (TimeoutException ex) {
					if (this.execution.isEnded() || this.execution.lease().isOver()) {
						throw lost();
					}
				}
			}
		}
		catch (ExecutionException ex) {
			throw (ex.getCause() instanceof SQLException refusal) ? translate(refusal) : lost();
		}
		finally {
			if (interrupted) {
				Thread.currentThread().interrupt();
			}
		}
	}

	private static DataAccessException translate(SQLException refusal) {
		DataAccessException translated = new SQLStateSQLExceptionTranslator().translate(TASK, null, refusal);
		return (translated != null) ? translated : new UncategorizedSQLException(TASK, null, refusal);
	}

	private LeaseLostException lost() {
		return new LeaseLostException("The checkpoint of task " + this.execution.id()
				+ " was not saved, because the lease expired or is no longer owned; the step runs again elsewhere");
	}

	private void requireOwnState(Object state) {
		if (state.getClass() != this.definition.stateClass()) {
			throw new IllegalArgumentException("A checkpoint of the step \"" + this.definition.step()
					+ "\" of the task type \"" + this.definition.taskType() + "\" is a "
					+ this.definition.stateClass().getName() + ", but this is a " + state.getClass().getName()
					+ "; to go on to another step, return NextStep.now");
		}
	}

	private void requirePlainStep() {
		if (this.definition.transaction() != null) {
			throw new IllegalStateException("The step \"" + this.definition.step() + "\" of the task type \""
					+ this.definition.taskType() + "\" is transactional and cannot save a checkpoint: all of its work"
					+ " is committed with its transition, or none. Return NextStep.now with the state it has reached,"
					+ " or make the step not transactional and join transactions of its own by JOIN_TRANSACTION");
		}
	}

	private void requireOpen() {
		if (this.closed || this.execution.isEnded()) {
			throw lost();
		}
	}

}
