package io.pgtask.store;

import java.time.Duration;
import java.time.Instant;
import java.util.UUID;

import io.pgtask.TaskOutcome;
import org.jspecify.annotations.Nullable;

/**
 * What is to become of a claimed row. Every transition is fenced: it changes nothing
 * unless the row still carries the token and the lease still lives.
 */
public sealed interface Transition {

	/**
	 * Return the task's id.
	 * @return the id
	 */
	UUID id();

	/**
	 * Return the token of the claim.
	 * @return the token
	 */
	UUID token();

	/**
	 * Return whether the claim goes on after this transition, so that it can be written
	 * again if the answer to the first time was lost.
	 * @return whether the row keeps the token
	 */
	default boolean keepsClaim() {
		return false;
	}

	/**
	 * Return whether the row is gone after this transition.
	 * @return whether the row is deleted
	 */
	default boolean endsTask() {
		return false;
	}

	/**
	 * The task has ended: its row is deleted.
	 *
	 * @param id the task's id
	 * @param token the token of the claim
	 * @param outcome how it ended
	 * @param reason why it was cancelled, for its record, or {@code null}
	 */
	record Finish(UUID id, UUID token, TaskOutcome outcome, @Nullable String reason) implements Transition {

		/**
		 * The task is done.
		 * @param id the task's id
		 * @param token the token of the claim
		 */
		public Finish(UUID id, UUID token) {
			this(id, token, TaskOutcome.DONE);
		}

		/**
		 * The task has ended in a way that says it all.
		 * @param id the task's id
		 * @param token the token of the claim
		 * @param outcome how it ended
		 */
		public Finish(UUID id, UUID token, TaskOutcome outcome) {
			this(id, token, outcome, null);
		}

		@Override
		public boolean endsTask() {
			return true;
		}

	}

	/**
	 * The next step starts at once, under the same lease.
	 *
	 * @param id the task's id
	 * @param token the token of the claim
	 * @param text the text of the next step
	 */
	record Advance(UUID id, UUID token, String text) implements Transition {

		@Override
		public boolean keepsClaim() {
			return true;
		}

	}

	/**
	 * The running step has come this far.
	 *
	 * @param id the task's id
	 * @param token the token of the claim
	 * @param text the text of the step as it has become
	 * @param anew whether attempts and claims are counted anew
	 * @param lease how long the lease lasts from now
	 */
	record Checkpoint(UUID id, UUID token, String text, boolean anew, Duration lease) implements Transition {

		@Override
		public boolean keepsClaim() {
			return true;
		}

	}

	/**
	 * The claim ends and the row stays.
	 *
	 * @param id the task's id
	 * @param token the token of the claim
	 * @param text the text of the next step, or {@code null} to stay at this one
	 * @param delay after how long the task is due, or {@code null}
	 * @param at when the task is due, or {@code null}; with neither, its due time stays
	 * as it was before the claim
	 * @param tried the number of failed attempts of the step
	 * @param delivery the number of claims of the step
	 * @param error the error to park the task with, or {@code null}
	 * @param lastError the error of the latest failed attempt, or what the step waits
	 * for; if it is {@code null} while the step stays the same, what the row says stays
	 * @param postponed whether the step asked for it, which is counted
	 * @param failure the failed attempt to keep, or {@code null}
	 */
	record Release(UUID id, UUID token, @Nullable String text, @Nullable Duration delay, @Nullable Instant at,
			int tried, int delivery, @Nullable String error, @Nullable String lastError, boolean postponed,
			@Nullable Failure failure) implements Transition {

		/**
		 * Go on with another state later.
		 * @param id the task's id
		 * @param token the token of the claim
		 * @param text the text of the next step
		 * @param delay after how long, or {@code null}
		 * @param at when, or {@code null}
		 * @return the transition
		 */
		public static Release next(UUID id, UUID token, String text, @Nullable Duration delay, @Nullable Instant at) {
			return new Release(id, token, text, delay, at, 0, 0, null, null, false, null);
		}

		/**
		 * Try the step again later.
		 * @param id the task's id
		 * @param token the token of the claim
		 * @param delay after how long, or {@code null}
		 * @param at when, or {@code null}
		 * @param tried the number of failed attempts, this one included
		 * @param delivery the number of claims of the step
		 * @param lastError why the attempt failed
		 * @return the transition
		 */
		public static Release retry(UUID id, UUID token, @Nullable Duration delay, @Nullable Instant at, int tried,
				int delivery, String lastError) {
			return new Release(id, token, null, delay, at, tried, delivery, null, lastError, false, null);
		}

		/**
		 * Do the step later, although it has not failed: the claim does not count.
		 * @param id the task's id
		 * @param token the token of the claim
		 * @param delay after how long, or {@code null}
		 * @param at when, or {@code null}
		 * @param tried the number of failed attempts
		 * @param delivery the number of claims of the step, this one included
		 * @param reason why, or {@code null}
		 * @param asked whether the step itself asked for it; otherwise it was not even
		 * called
		 * @return the transition
		 */
		public static Release postpone(UUID id, UUID token, @Nullable Duration delay, @Nullable Instant at, int tried,
				int delivery, @Nullable String reason, boolean asked) {
			return new Release(id, token, null, delay, at, tried, Math.max(0, delivery - 1), null, reason, asked, null);
		}

		/**
		 * Park the task until someone acts.
		 * @param id the task's id
		 * @param token the token of the claim
		 * @param tried the number of failed attempts
		 * @param delivery the number of claims of the step
		 * @param error why
		 * @return the transition
		 */
		public static Release park(UUID id, UUID token, int tried, int delivery, String error) {
			return new Release(id, token, null, Duration.ZERO, null, tried, delivery, error, error, false, null);
		}

		/**
		 * Keep what is known about the failed attempt.
		 * @param failure the attempt, or {@code null} if none is to be kept
		 * @return the transition with it
		 */
		public Release keeping(@Nullable Failure failure) {
			return new Release(this.id, this.token, this.text, this.delay, this.at, this.tried, this.delivery,
					this.error, this.lastError, this.postponed, failure);
		}

	}

	/**
	 * A failed attempt that is to be kept in the row, beside earlier ones of the step.
	 *
	 * @param json what is known about it, an object without the time
	 * @param most how many to keep, 1 or more: the first and the newest ones
	 */
	record Failure(String json, int most) {
	}

	/**
	 * The claim ends as if it had never been made.
	 *
	 * @param id the task's id
	 * @param token the token of the claim
	 * @param counted whether it was a delivery all the same: the step was started and did
	 * not return
	 */
	record GiveBack(UUID id, UUID token, boolean counted) implements Transition {

		/**
		 * The step was not started, or has returned.
		 * @param id the task's id
		 * @param token the token of the claim
		 */
		public GiveBack(UUID id, UUID token) {
			this(id, token, false);
		}

	}

}
