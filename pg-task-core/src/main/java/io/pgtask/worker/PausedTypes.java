package io.pgtask.worker;

import java.util.List;
import java.util.Set;
import java.util.function.Consumer;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Which of the worker's task types are paused, as far as it knows. What it has claimed of
 * a type before it learns of the pause goes back.
 */
final class PausedTypes {

	private static final Logger logger = LoggerFactory.getLogger(PausedTypes.class);

	private final Holdings holdings;

	private final Consumer<Outcome> outcomes;

	private volatile Set<String> paused = Set.of();

	PausedTypes(Holdings holdings, Consumer<Outcome> outcomes) {
		this.holdings = holdings;
		this.outcomes = outcomes;
	}

	boolean isPaused(String taskType) {
		return this.paused.contains(taskType);
	}

	Set<String> names() {
		return this.paused;
	}

	/** The table says which types are paused now. */
	synchronized void update(Set<String> paused) {
		if (paused.equals(this.paused)) {
			return;
		}
		this.paused = Set.copyOf(paused);
		logger.info("Paused task types: {}", paused.isEmpty() ? "none" : paused);
		this.holdings.all().forEach(this::giveBackIfPaused);
	}

	/**
	 * Give back those of paused types. The others are among the holdings already, where a
	 * pause finds them that comes a moment later.
	 * @return the others
	 */
	List<Execution> giveBackFrom(List<Execution> executions) {
		return this.paused.isEmpty() ? executions
				: executions.stream().filter((execution) -> !giveBackIfPaused(execution)).toList();
	}

	private boolean giveBackIfPaused(Execution execution) {
		boolean givenBack = isPaused(execution.taskType()) && execution.withdraw();
		if (givenBack) {
			this.outcomes.accept(Outcome.giveBack(execution));
		}
		return givenBack;
	}

}
