package io.pgtask.faults;

import java.util.Locale;
import java.util.Set;

/**
 * Something that a process invoked, or that came back to it. All times are microseconds
 * since 1970, by the clock of the one machine on which the server runs as well.
 *
 * @param kind what it is
 * @param process whose history it is in; for a {@link Kind#FAULT} whom it struck
 * @param at when it happened: by the database for its rows, while it holds their locks
 * @param task the name of the task, which is part of its state
 * @param step the step that runs, or the one the row is at after a write
 * @param token the token of the claim that writes
 * @param sent when the database began the statement, or the fault began
 * @param lease when the lease of the row ends, or the fault ended; 0 if there is none; of
 * an operator when that of the claim ends which he has put an end to
 * @param detail of an enqueue the unique key; of a claim how many deliveries were lost;
 * of a write or a row the error; of a fault its name
 * @param sure whether it is known to be committed; otherwise nobody knows
 */
record Event(Kind kind, String process, long at, String task, String step, String token, long sent, long lease,
		String detail, boolean sure) {

	static final String EVERY_PROCESS = "*";

	/** The {@link #detail} of a fault: the process stood still. */
	static final String PAUSE = "pause";

	Event unsure() {
		return new Event(this.kind, this.process, this.at, this.task, this.step, this.token, this.sent, this.lease,
				this.detail, false);
	}

	/** Whether it changes a row by the right of a claim. */
	boolean isWrite() {
		return Kind.WRITES.contains(this.kind);
	}

	boolean isSure(Kind kind) {
		return this.kind == kind && this.sure;
	}

	/**
	 * How far the task is by its step; a step that is none of ours counts as the first.
	 */
	int rank() {
		return Math.max(0, Trip.STEPS.indexOf(this.step));
	}

	@Override
	public String toString() {
		return String.format(Locale.ROOT, "%,d %s %s %s %s%s%s%s", this.at % 1_000_000_000_000L, this.process,
				this.kind, this.task, this.step, this.token.isEmpty() ? "" : " by " + this.token,
				this.detail.isEmpty() ? "" : " (" + this.detail + ")", this.sure ? "" : " perhaps");
	}

	enum Kind {

		/** A task is about to be enqueued. */
		ENQUEUE,

		/** It was. */
		ENQUEUED,

		/** It was not: its transaction was rolled back, or its unique key was taken. */
		REJECTED,

		CLAIM, START, END, ADVANCE, RELEASE, GIVE_BACK, FINISH,

		/** A write came back without its row: the lease was lost. */
		REFUSED,

		/** A transaction came back, of which {@link Event#token} has the number. */
		COMMIT, ROLLBACK,

		FAULT,

		/** The process has stopped as it should. */
		STOPPED,

		/** Somebody is about to cancel or park the task by hand. */
		OPERATOR,

		/** The row is still there at the end of it all. */
		LEFT,

		/** How large everything is; {@link Event#detail} has names and values. */
		FOOTPRINT;

		private static final Set<Kind> WRITES = Set.of(ADVANCE, RELEASE, GIVE_BACK, FINISH);

	}

}
