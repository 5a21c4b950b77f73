package io.pgtask;

import java.time.Duration;
import java.time.Instant;
import java.util.Objects;

import org.jspecify.annotations.Nullable;

/**
 * The transition a {@link Step} returns: the task is done, or goes on with another state
 * of the same task, or stays in its state. The task's row holds the new state before the
 * next step starts.
 * <p>
 * {@link #retry(Throwable) retry} and {@link #fail(String) fail} end an attempt as an
 * exception does, and therefore roll back a transactional step; everything else commits
 * it.
 * <p>
 * The nested records are public so that a unit test of a step can compare its result with
 * {@code assertThat(step.run(state, context)).isEqualTo(NextStep.now(expected))}.
 *
 * @param <T> the task type
 */
public sealed interface NextStep<T> {

	/**
	 * The task is done; its row is deleted.
	 * @param <T> the task type
	 * @return the transition
	 */
	static <T> NextStep<T> done() {
		return new Done<>();
	}

	/**
	 * Go on with the given state as soon as it is durable.
	 * @param <T> the task type
	 * @param state the next step's state, must not be {@code null}
	 * @return the transition
	 */
	static <T> NextStep<T> now(T state) {
		return new Now<>(state);
	}

	/**
	 * Go on with the given state after a delay, counted by the database's clock from the
	 * moment the transition is saved.
	 * @param <T> the task type
	 * @param state the next step's state, must not be {@code null}
	 * @param delay how long to wait, must not be {@code null} or negative; used to the
	 * microsecond, rounded up
	 * @return the transition
	 */
	static <T> NextStep<T> delay(T state, Duration delay) {
		return new Delay<>(state, delay);
	}

	/**
	 * Go on with the given state at an instant of the database's clock; at once if the
	 * instant has passed.
	 * @param <T> the task type
	 * @param state the next step's state, must not be {@code null}
	 * @param instant when to run the next step, must not be {@code null}
	 * @return the transition
	 */
	static <T> NextStep<T> at(T state, Instant instant) {
		return new At<>(state, instant);
	}

	/**
	 * The attempt has failed, as if the step had thrown the cause: the step is tried
	 * again after the delay of its retry policy, or the task is parked if no retry is
	 * left. Which exceptions are retried does not matter, since the step asks for it.
	 * @param <T> the task type
	 * @param cause why, must not be {@code null}
	 * @return the transition
	 */
	static <T> NextStep<T> retry(Throwable cause) {
		return new Retry<>(cause, null, null);
	}

	/**
	 * The attempt has failed, and the step is tried again after a delay of its own
	 * choice, or the task parked if no retry is left.
	 * @param <T> the task type
	 * @param cause why, must not be {@code null}
	 * @param delay how long to wait, must not be {@code null} or negative
	 * @return the transition
	 */
	static <T> NextStep<T> retry(Throwable cause, Duration delay) {
		return new Retry<>(cause, Delays.requireNotNegative(delay), null);
	}

	/**
	 * The attempt has failed, and the step is tried again at an instant of its own
	 * choice, or the task parked if no retry is left.
	 * @param <T> the task type
	 * @param cause why, must not be {@code null}
	 * @param instant when, by the database's clock, must not be {@code null}
	 * @return the transition
	 */
	static <T> NextStep<T> retry(Throwable cause, Instant instant) {
		return new Retry<>(cause, null, requireInstant(instant));
	}

	/**
	 * Run this step again later, in the same state. That is no failed attempt. So that it
	 * cannot go on for ever unseen, the task is parked when the step has come back more
	 * often than {@code pg-task.failures.max-postponed} allows.
	 * @param <T> the task type
	 * @param delay how long to wait, must not be {@code null} or negative
	 * @return the transition
	 */
	static <T> NextStep<T> later(Duration delay) {
		return new Later<>(Delays.requireNotNegative(delay), null, null);
	}

	/**
	 * Run this step again later, in the same state, and show people why.
	 * @param <T> the task type
	 * @param delay how long to wait, must not be {@code null} or negative
	 * @param reason what the step waits for, must not be {@code null}
	 * @return the transition
	 * @see #later(Duration)
	 */
	static <T> NextStep<T> later(Duration delay, String reason) {
		return new Later<>(Delays.requireNotNegative(delay), null, requireReason(reason));
	}

	/**
	 * Run this step again at an instant, in the same state.
	 * @param <T> the task type
	 * @param instant when, by the database's clock, must not be {@code null}
	 * @return the transition
	 * @see #later(Duration)
	 */
	static <T> NextStep<T> later(Instant instant) {
		return new Later<>(null, requireInstant(instant), null);
	}

	/**
	 * Run this step again at an instant, in the same state, and show people why.
	 * @param <T> the task type
	 * @param instant when, by the database's clock, must not be {@code null}
	 * @param reason what the step waits for, must not be {@code null}
	 * @return the transition
	 * @see #later(Duration)
	 */
	static <T> NextStep<T> later(Instant instant, String reason) {
		return new Later<>(null, requireInstant(instant), requireReason(reason));
	}

	/**
	 * The attempt has failed, and no other would help: the task is parked at once,
	 * whatever retries are left. Somebody who has mended what was wrong can retry it.
	 * @param <T> the task type
	 * @param reason what the task is parked with, must not be {@code null}
	 * @return the transition
	 * @see FatalStepException
	 */
	static <T> NextStep<T> fail(String reason) {
		return new Fail<>(reason, null);
	}

	/**
	 * The attempt has failed, and no other would help: the task is parked at once,
	 * whatever retries are left.
	 * @param <T> the task type
	 * @param reason what the task is parked with, must not be {@code null}
	 * @param cause what happened, must not be {@code null}
	 * @return the transition
	 */
	static <T> NextStep<T> fail(String reason, Throwable cause) {
		return new Fail<>(reason, requireCause(cause));
	}

	/**
	 * There is nothing left to do for the task: it ends, and its row is deleted, but it
	 * does not count as done.
	 * @param <T> the task type
	 * @param reason why, for the log and the history, must not be {@code null}
	 * @return the transition
	 */
	static <T> NextStep<T> cancel(String reason) {
		return new Cancel<>(reason);
	}

	/**
	 * The task is done.
	 *
	 * @param <T> the task type
	 */
	record Done<T>() implements NextStep<T> {
	}

	/**
	 * The next step runs at once.
	 *
	 * @param <T> the task type
	 * @param state the next step's state
	 */
	record Now<T>(T state) implements NextStep<T> {

		public Now {
			requireState(state);
		}

	}

	/**
	 * The next step runs after a delay.
	 *
	 * @param <T> the task type
	 * @param state the next step's state
	 * @param delay how long to wait
	 */
	record Delay<T>(T state, Duration delay) implements NextStep<T> {

		public Delay {
			requireState(state);
			Delays.requireNotNegative(delay);
		}

	}

	/**
	 * The next step runs at an instant.
	 *
	 * @param <T> the task type
	 * @param state the next step's state
	 * @param instant when to run it
	 */
	record At<T>(T state, Instant instant) implements NextStep<T> {

		public At {
			requireState(state);
			requireInstant(instant);
		}

	}

	/**
	 * The attempt has failed and is repeated.
	 *
	 * @param <T> the task type
	 * @param cause why
	 * @param delay how long to wait, or {@code null}
	 * @param instant when to try again, or {@code null}; with neither, the retry policy
	 * of the step decides
	 */
	record Retry<T>(Throwable cause, @Nullable Duration delay, @Nullable Instant instant) implements NextStep<T> {

		public Retry {
			requireCause(cause);
		}

	}

	/**
	 * The step runs again later without a failed attempt.
	 *
	 * @param <T> the task type
	 * @param delay how long to wait, or {@code null}
	 * @param instant when to run again, or {@code null}; one of both is given
	 * @param reason what the step waits for, or {@code null}
	 */
	record Later<T>(@Nullable Duration delay, @Nullable Instant instant,
			@Nullable String reason) implements NextStep<T> {

		public Later {
			if ((delay == null) == (instant == null)) {
				throw new IllegalArgumentException("A step comes back after a delay or at an instant");
			}
		}

	}

	/**
	 * The task is parked at once.
	 *
	 * @param <T> the task type
	 * @param reason what it is parked with
	 * @param cause what happened, or {@code null}
	 */
	record Fail<T>(String reason, @Nullable Throwable cause) implements NextStep<T> {

		public Fail {
			requireReason(reason);
		}

	}

	/**
	 * The task ends without being done.
	 *
	 * @param <T> the task type
	 * @param reason why
	 */
	record Cancel<T>(String reason) implements NextStep<T> {

		public Cancel {
			requireReason(reason);
		}

	}

	private static Instant requireInstant(Instant instant) {
		return Objects.requireNonNull(instant, "The instant of the next step must not be null");
	}

	private static Throwable requireCause(Throwable cause) {
		return Objects.requireNonNull(cause, "The cause of a failed attempt must not be null");
	}

	private static String requireReason(String reason) {
		return Objects.requireNonNull(reason, "The reason must not be null; people will look for it");
	}

	private static void requireState(Object state) {
		Objects.requireNonNull(state, "The next step's state must not be null; return NextStep.done() to end the task");
	}

}
