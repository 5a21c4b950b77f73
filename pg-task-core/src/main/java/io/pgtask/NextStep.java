package io.pgtask;

import java.time.Duration;
import java.time.Instant;
import java.util.Objects;

/**
 * The transition a {@link Step} returns: the task is done, or goes on with another state
 * of the same task. The task's row holds the new state before the next step starts.
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
			Objects.requireNonNull(instant, "The instant of the next step must not be null");
		}

	}

	private static void requireState(Object state) {
		Objects.requireNonNull(state, "The next step's state must not be null; return NextStep.done() to end the task");
	}

}
