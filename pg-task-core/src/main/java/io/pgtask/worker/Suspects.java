package io.pgtask.worker;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

import io.pgtask.store.Transition;
import org.jspecify.annotations.Nullable;

/**
 * Keeps a step that ends its process from taking others with it. Whatever a process has
 * claimed loses a delivery when it dies, and comes back all at once, so that it would be
 * claimed together and die together until all of it is parked. A task that has lost half
 * of its deliveries is therefore never held together with another such task: one of them
 * at most dies with this worker.
 */
final class Suspects {

	private static final long SHORTEST_PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(20);

	private static final long LONGEST_PAUSE_NANOS = TimeUnit.SECONDS.toNanos(1);

	private final int maxDeliveries;

	private final Consumer<Outcome> outcomes;

	private @Nullable Execution held;

	private long heldSinceNanos;

	private int waiting;

	/**
	 * Create the rule for a worker.
	 * @param maxDeliveries how many deliveries may be lost before a task is parked
	 * @param outcomes takes those that are to be released
	 */
	Suspects(int maxDeliveries, Consumer<Outcome> outcomes) {
		this.maxDeliveries = maxDeliveries;
		this.outcomes = outcomes;
	}

	/**
	 * Release all suspects but one.
	 * @param claimed what was claimed
	 * @return what may run
	 */
	synchronized List<Execution> admit(List<Execution> claimed) {
		List<Execution> admitted = new ArrayList<>(claimed.size());
		for (Execution execution : claimed) {
			if (!isSuspect(execution)) {
				admitted.add(execution);
			}
			else if (this.held == null || this.held.isEnded() || !isSuspect(this.held)) {
				hold(execution);
				admitted.add(execution);
			}
			else if (execution.withdraw()) {
				this.outcomes.accept(later(execution));
			}
		}
		return admitted;
	}

	/** One that has lost all of its deliveries is parked, and does not run. */
	private boolean isSuspect(Execution execution) {
		int lost = execution.progress().lostDeliveries();
		return lost > 0 && 2 * lost >= this.maxDeliveries && lost < this.maxDeliveries;
	}

	private void hold(Execution execution) {
		this.held = execution;
		this.heldSinceNanos = System.nanoTime();
		this.waiting = 0;
	}

	private Outcome later(Execution execution) {
		Transition later = Transition.Release.postpone(execution.id(), execution.token(), pause(), null,
				execution.tried(), execution.delivery(), null, false);
		return new Outcome(execution, later, StepOutcome.GIVEN_BACK, "", Duration.ZERO);
	}

	/**
	 * Until this worker, or another one, may have it. One after the other they come back,
	 * as if each were to take as long as the one that is held has taken until now.
	 */
	private Duration pause() {
		this.waiting++;
		long takenNanos = Math.min(System.nanoTime() - this.heldSinceNanos, LONGEST_PAUSE_NANOS);
		long eachNanos = Math.max(takenNanos, SHORTEST_PAUSE_NANOS);
		return Duration.ofNanos(Math.min(this.waiting * eachNanos, LONGEST_PAUSE_NANOS));
	}

}
