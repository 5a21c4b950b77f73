package io.pgtask.worker;

import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;

import io.pgtask.NextStep;
import io.pgtask.Step;
import io.pgtask.StepContext;

/**
 * A step that takes until a test lets it finish, and writes down what happens to it.
 */
final class LongStep implements Step<Journey, Journey.Start> {

	private final CountDownLatch finish = new CountDownLatch(1);

	private final Map<String, Integer> runs = new ConcurrentHashMap<>();

	private final List<String> interrupted = new CopyOnWriteArrayList<>();

	@Override
	public NextStep<Journey> run(Journey.Start state, StepContext context) throws InterruptedException {
		this.runs.merge(state.name(), 1, Integer::sum);
		try {
			this.finish.await();
			return NextStep.done();
		}
		catch (InterruptedException ex) {
			this.interrupted.add(state.name());
			throw ex;
		}
	}

	/** Lets all executions finish, those of the future included. */
	void finish() {
		this.finish.countDown();
	}

	/** How often the step of a task has started. */
	int runs(String name) {
		return this.runs.getOrDefault(name, 0);
	}

	/** The names of the tasks whose step was interrupted. */
	List<String> interrupted() {
		return this.interrupted;
	}

}
