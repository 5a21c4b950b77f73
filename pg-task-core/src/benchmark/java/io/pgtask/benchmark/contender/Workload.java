package io.pgtask.benchmark.contender;

/**
 * What the tasks of a run look like. Tasks are numbered from 0; the number is all they
 * carry.
 */
public enum Workload {

	/** One step that does nothing. */
	ONE_STEP(1, 1, 0),

	/** Three steps that do nothing, each due at once when the one before has ended. */
	THREE_STEPS(1, 3, 0),

	/** One step that does nothing, in ten types of tasks mixed evenly. */
	TEN_TYPES(10, 1, 0),

	/** One step that waits for 5 ms, as for another service. */
	SLOW_STEP(1, 1, 5),

	/** The same in two types. */
	TWO_SLOW_TYPES(2, 1, 5),

	/** One step that does nothing, but for one task in 101, whose step always throws. */
	POISONED(1, 1, 0, 101);

	private final int types;

	private final int steps;

	private final int stepMillis;

	private final int poisonEvery;

	Workload(int types, int steps, int stepMillis) {
		this(types, steps, stepMillis, 0);
	}

	Workload(int types, int steps, int stepMillis, int poisonEvery) {
		this.types = types;
		this.steps = steps;
		this.stepMillis = stepMillis;
		this.poisonEvery = poisonEvery;
	}

	/**
	 * Return how many types of tasks there are.
	 * @return the number; a task's type is its number modulo this
	 */
	public int types() {
		return this.types;
	}

	/**
	 * Return how many steps a task has.
	 * @return the number
	 */
	public int steps() {
		return this.steps;
	}

	/**
	 * Return how long every step waits.
	 * @return the time in milliseconds
	 */
	public int stepMillis() {
		return this.stepMillis;
	}

	/**
	 * Return how far one task whose step always throws is from the next.
	 * @return the number of tasks of which one is poison, or 0 if none is
	 */
	public int poisonEvery() {
		return this.poisonEvery;
	}

}
