package io.pgtask;

import java.time.Duration;
import java.time.Instant;
import java.util.Objects;

import org.jspecify.annotations.Nullable;

/**
 * What a {@link StepGate} decides.
 */
public sealed interface GateDecision {

	/**
	 * The step may run, as far as this gate is concerned.
	 * @return the decision
	 */
	static GateDecision proceed() {
		return new Proceed(null);
	}

	/**
	 * The step may run, and holds a permit while it does.
	 * @param permit is closed once when the step has ended, in whatever way, or another
	 * gate does not let it proceed; must not be {@code null}
	 * @return the decision
	 */
	static GateDecision proceed(AutoCloseable permit) {
		return new Proceed(Objects.requireNonNull(permit, "The permit must not be null"));
	}

	/**
	 * The task waits, and the gate is asked again after a delay.
	 * @param delay how long to wait, must not be {@code null} or negative
	 * @param reason why, for people who look at the task
	 * @return the decision
	 */
	static GateDecision putOff(Duration delay, String reason) {
		return new PutOff(Delays.requireNotNegative(delay), null, reason);
	}

	/**
	 * The task waits, and the gate is asked again at an instant.
	 * @param instant when, by the database's clock, must not be {@code null}
	 * @param reason why, for people who look at the task
	 * @return the decision
	 */
	static GateDecision putOff(Instant instant, String reason) {
		return new PutOff(null, Objects.requireNonNull(instant, "The instant must not be null"), reason);
	}

	/**
	 * The task ends as if its last step had been done.
	 * @return the decision
	 */
	static GateDecision complete() {
		return new Complete();
	}

	/**
	 * The task ends without being done, as by {@link NextStep#cancel(String)}.
	 * @param reason why, for the log
	 * @return the decision
	 */
	static GateDecision cancel(String reason) {
		return new Cancel(reason);
	}

	/**
	 * The task is parked until someone acts.
	 * @param reason what it is parked with
	 * @return the decision
	 */
	static GateDecision refuse(String reason) {
		return new Refuse(reason);
	}

	/**
	 * The step may run.
	 *
	 * @param permit is closed when the step has ended, or {@code null}
	 */
	record Proceed(@Nullable AutoCloseable permit) implements GateDecision {
	}

	/**
	 * The task waits.
	 *
	 * @param delay how long, or {@code null}
	 * @param instant until when, or {@code null}; one of both is given
	 * @param reason why
	 */
	record PutOff(@Nullable Duration delay, @Nullable Instant instant, String reason) implements GateDecision {

		public PutOff {
			if ((delay == null) == (instant == null)) {
				throw new IllegalArgumentException("A task is put off for a delay or until an instant");
			}
			requireReason(reason);
		}

	}

	/**
	 * The task is done.
	 */
	record Complete() implements GateDecision {
	}

	/**
	 * The task ends without being done.
	 *
	 * @param reason why
	 */
	record Cancel(String reason) implements GateDecision {

		public Cancel {
			requireReason(reason);
		}

	}

	/**
	 * The task is parked.
	 *
	 * @param reason what it is parked with
	 */
	record Refuse(String reason) implements GateDecision {

		public Refuse {
			requireReason(reason);
		}

	}

	private static void requireReason(String reason) {
		Objects.requireNonNull(reason, "The reason must not be null; people will look for it");
	}

}
