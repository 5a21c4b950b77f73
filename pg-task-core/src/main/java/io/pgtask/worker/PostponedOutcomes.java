package io.pgtask.worker;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

import io.pgtask.store.ClaimKey;

/**
 * The outcomes that could not be saved and wait for another try: their row is locked by
 * someone else, or the connection broke. Thread-safe.
 */
final class PostponedOutcomes {

	private List<Outcome> outcomes = new ArrayList<>();

	/** What was being written when a connection broke: it may have been committed. */
	private final Set<ClaimKey> uncertain = new HashSet<>();

	synchronized void add(Collection<Outcome> postponed) {
		this.outcomes.addAll(postponed);
	}

	/** Take all of them, to try again. */
	synchronized List<Outcome> take() {
		List<Outcome> taken = this.outcomes;
		this.outcomes = new ArrayList<>();
		return taken;
	}

	/** Nobody knows whether these were saved. */
	synchronized void markUncertain(Collection<Outcome> outcomes) {
		outcomes.forEach((outcome) -> this.uncertain.add(outcome.key()));
	}

	synchronized boolean isUncertain(Outcome outcome) {
		return this.uncertain.contains(outcome.key());
	}

	/** It is known by now what became of these. */
	synchronized void settled(Collection<Outcome> outcomes) {
		if (!this.uncertain.isEmpty()) {
			outcomes.forEach((outcome) -> this.uncertain.remove(outcome.key()));
		}
	}

}
