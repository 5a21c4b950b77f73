package io.pgtask.faults;

/**
 * What could be wrong with an engine, and what the suite has to say of it.
 */
enum Mutation {

	/** Transitions ask neither whose the task is nor whether the lease has ended. */
	NO_FENCE(Rewrite.of("AND t.id = o.id",
			"(t\\.locked_by = o\\.token\\s+AND t\\.lock_expires_at > statement_timestamp\\(\\))", "($1 OR true)"),
			Exposures::aTransitionArrivesTooLate, Invariant.I3),

	/** The clock of leases stands still in a transaction. */
	CLOCK_OF_THE_TRANSACTION(Rewrite.of("AND t.id = o.id", "t\\.lock_expires_at > statement_timestamp\\(\\)",
			"t.lock_expires_at > now()"), Exposures::theLeaseEndsWithinATransaction, Invariant.I3),

	/** Transitions do not wait for the disk. */
	TRANSITIONS_WITHOUT_WAITING(
			Rewrite.of("set_config('lock_timeout', '500ms', true)", "^SELECT ",
					"SELECT set_config('synchronous_commit', 'off', true), "),
			Exposures::theServerCrashesAfterATransition, Invariant.I5),

	/** A worker that stops keeps what it has. */
	NO_GIVE_BACK(
			Rewrite.of("AS o (id, token, counted)", "locked_by = NULL,\\s+lock_expires_at = NULL",
					"locked_by = t.locked_by, lock_expires_at = t.lock_expires_at"),
			Exposures::aWorkerStops, Invariant.STOP),

	/** Nothing tells how often a task was claimed in vain. */
	NO_DELIVERY_COUNT(
			Rewrite.of("WITH picked AS", "LEAST\\(t\\.delivery, 2147483646\\) \\+ 1", "GREATEST(t.delivery, 1)"),
			Exposures::aStepEndsItsProcesses, Invariant.POISON),

	/** Nobody looks farther back than the oldest task that was seen. */
	NO_SWEEP(Rewrite.of(">= '-infinity'", ">= '-infinity'", ">= statement_timestamp() - interval '1 second'"),
			Exposures::aTaskIsDatedBack, Invariant.I2),

	/** What was inserted in somebody else's transaction is started without a look. */
	UNCONFIRMED_DIRECT_START(new UnconfirmedStarts(), Exposures::aTaskIsRolledBackToASavepoint, Invariant.I6),

	/** The next step starts before its transition is durable. */
	NEXT_STEP_TOO_EARLY(new LateCommits(), Exposures::aProcessDiesAfterATransition, Invariant.I4),

	/** The lease of a task is renewed although somebody has parked it. */
	RENEWAL_OF_PARKED_TASKS(Rewrite.of("lockable AS", "AND (\\S*t\\.error\\S* (IS NULL|= 1))", "AND ($1 OR true)"),
			Exposures::aRunningTaskIsParked, Invariant.I3),

	/** Whoever was missed is robbed, even when he is back. */
	TAKEOVER_WITHOUT_FENCE(Rewrite.of("WITH abandoned AS", "AND NOT EXISTS", "AND true >= EXISTS"),
			Exposures::aMissingWorkerComesBack, Invariant.I8);

	private final Patch patch;

	private final Exposure exposure;

	private final Invariant broken;

	Mutation(Patch patch, Exposure exposure, Invariant broken) {
		this.patch = patch;
		this.exposure = exposure;
		this.broken = broken;
	}

	Patch patch() {
		return this.patch;
	}

	Exposure exposure() {
		return this.exposure;
	}

	/** The promise that the checker has to find broken. */
	Invariant broken() {
		return this.broken;
	}

}
