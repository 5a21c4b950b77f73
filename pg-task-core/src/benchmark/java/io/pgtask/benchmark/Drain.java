package io.pgtask.benchmark;

import java.time.Duration;
import java.util.concurrent.Callable;

/**
 * Waits until the tasks of a run have come to their end, in the processes and then in the
 * database.
 */
final class Drain {

	private static final Duration PATIENCE = Duration.ofMinutes(1);

	private final Contestant contestant;

	private final int tasks;

	private long checks;

	Drain(Contestant contestant, int tasks) {
		this.contestant = contestant;
		this.tasks = tasks;
	}

	/**
	 * Wait.
	 * @return how many ends the tasks came to
	 * @throws IllegalStateException if nothing happens for a long time
	 */
	long await() throws Exception {
		return await(this::isDrained);
	}

	/**
	 * Wait.
	 * @param drained whether the tasks have come to their end in the database, once they
	 * have in the processes
	 * @return how many ends the tasks came to
	 * @throws IllegalStateException if nothing happens for a long time
	 */
	long await(Callable<Boolean> drained) throws Exception {
		long finished = 0;
		long changedNanos = System.nanoTime();
		while (finished < this.tasks || !drained.call()) {
			if (System.nanoTime() - changedNanos > PATIENCE.toNanos()) {
				throw new IllegalStateException("%s has finished %d of %d tasks and then nothing for %s"
					.formatted(this.contestant.entrant().name(), finished, this.tasks, PATIENCE));
			}
			Thread.sleep((finished < this.tasks) ? 5 : 1);
			long now = this.contestant.finished();
			if (now != finished) {
				finished = now;
				changedNanos = System.nanoTime();
			}
		}
		return finished;
	}

	/**
	 * Wait until so many tasks have come to their end in the processes.
	 */
	void awaitFinished() throws Exception {
		await(() -> true);
	}

	/** Return how many transactions the waiting took. */
	long checks() {
		return this.checks;
	}

	private boolean isDrained() throws Exception {
		this.checks++;
		return this.contestant.node(0).isDrained();
	}

}
