package io.pgtask;

import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.UUID;

/**
 * What a {@link Step} may know about its own execution. All methods are thread-safe and
 * may be called while the step runs, also from threads it starts.
 */
public interface StepContext {

	/**
	 * Return the task's id, the same for all its steps.
	 * @return the id of the task's row
	 */
	UUID taskId();

	/**
	 * Return the persisted name of the task type.
	 * @return the task type, for instance {@code Greeter}
	 */
	String taskType();

	/**
	 * Return the persisted name of the step.
	 * @return the step, for instance {@code ReadName}
	 */
	String step();

	/**
	 * Return which attempt of this step this is: one more than the number of failed ones.
	 * @return the attempt, from 1
	 */
	int attempt();

	/**
	 * Return how often a worker has claimed the task since it entered this step. It is
	 * larger than {@link #attempt()} when an execution ended without an outcome, because
	 * its worker was killed or lost its lease: this one then repeats what that one may
	 * already have done.
	 * @return the delivery number, from 1
	 */
	int delivery();

	/**
	 * Return the headers the task was enqueued with.
	 * @return the headers, unmodifiable, empty if there are none
	 */
	Map<String, String> headers();

	/**
	 * Return when the lease ends unless it is renewed, by the database's clock. The
	 * worker renews it for as long as the step runs.
	 * @return the end of the lease
	 */
	Instant leaseDeadline();

	/**
	 * Return how much of the lease is left, measured on a monotonic clock and therefore
	 * independent of this machine's time of day.
	 * @return the time left, {@link Duration#ZERO} when the lease has ended
	 */
	Duration leaseRemaining();

	/**
	 * Return whether the step should stop: its lease is lost or its timeout is over, so
	 * that nothing it returns will be saved, its worker is stopping and will not wait any
	 * longer, or somebody has {@linkplain TaskAdmin#cancel(UUID) cancelled} the task. The
	 * step's thread is interrupted at the same moment.
	 * @return whether the execution was cancelled
	 */
	boolean isCancelled();

	/**
	 * Save how far the step has come: from now on it starts from this state, after a
	 * failed attempt as well as after a crash. The state is durable when this method
	 * returns, unless it {@linkplain CheckpointOption#JOIN_TRANSACTION joins} a
	 * transaction of the step; the lease is extended with it. What the step does after
	 * its last checkpoint may be done again.
	 * <p>
	 * A step that is {@link TaskStep#transactional() transactional} has no checkpoints.
	 * @param state the state to start from, of the same class as that of this step, must
	 * not be {@code null}
	 * @param options what else to do
	 * @throws LeaseLostException if the execution has lost its lease; the step should end
	 * @throws IllegalArgumentException if the state is not one of this step
	 * @throws InvalidStateException if the state cannot be written
	 * @throws IllegalStateException if the step is transactional, if there is no
	 * transaction to join, or if an earlier checkpoint is part of a transaction that has
	 * not ended
	 * @throws org.springframework.dao.DataAccessException if the database refuses it
	 */
	void checkpoint(Object state, CheckpointOption... options);

}
