package io.pgtask.benchmark.contender;

import java.util.Arrays;
import java.util.List;

/**
 * All contenders by their names.
 */
public enum Contenders {

	/** The smallest durable life cycle straight on JDBC. */
	FLOOR("floor", 1.0),

	/** The worker as a user gets it. */
	PG_TASK("pg-task", 1.0),

	/** The worker with more slots. */
	PG_TASK_TUNED("pg-task-tuned", 1.0),

	/** The worker as a user gets it, with steps that are transactional. */
	PG_TASK_TRANSACTIONAL("pg-task-transactional", 0.02),

	/** The worker as a user gets it, with a history of all tasks that have ended. */
	PG_TASK_HISTORY("pg-task-history", 1.0),

	/** The peer as its documentation advises for many tasks. */
	DB_SCHEDULER_50("db-scheduler-50", 0.05),

	/** The peer with larger batches. */
	DB_SCHEDULER_32("db-scheduler-32", 0.05),

	/** The other peer. */
	JOBRUNR("jobrunr", 0.01);

	private final String id;

	private final double share;

	Contenders(String id, double share) {
		this.id = id;
		this.share = share;
	}

	/**
	 * Find a contender.
	 * @param id its name
	 * @return the contender
	 * @throws IllegalArgumentException if there is none
	 */
	public static Contenders of(String id) {
		return Arrays.stream(values())
			.filter((contender) -> contender.id.equals(id))
			.findFirst()
			.orElseThrow(
					() -> new IllegalArgumentException("There is no contender '%s', only %s".formatted(id, ids())));
	}

	/**
	 * Return the names of all contenders.
	 * @return the names
	 */
	public static List<String> ids() {
		return Arrays.stream(values()).map(Contenders::id).toList();
	}

	/**
	 * Return the name.
	 * @return the name
	 */
	public String id() {
		return this.id;
	}

	/**
	 * Return how many tasks it gets, so that the slow ones take no longer than the
	 * others.
	 * @return the share of the tasks of the fastest
	 */
	public double share() {
		return this.share;
	}

	/**
	 * Create the contender.
	 * @return the contender
	 */
	public Contender create() {
		return switch (this) {
			case FLOOR -> new FloorContender();
			case PG_TASK -> PgTaskContender.byDefault();
			case PG_TASK_TUNED -> PgTaskContender.tuned();
			case PG_TASK_TRANSACTIONAL -> PgTaskContender.transactional();
			case PG_TASK_HISTORY -> PgTaskContender.recording();
			case DB_SCHEDULER_50 -> new DbSchedulerContender(50, 1, 4);
			case DB_SCHEDULER_32 -> new DbSchedulerContender(32, 4, 20);
			case JOBRUNR -> new JobRunrContender();
		};
	}

}
