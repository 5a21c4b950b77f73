package io.pgtask.faults;

import java.util.List;
import java.util.Set;

/**
 * The task of the load: three steps, which do what its name says, as in
 * {@code slow-node1-17}.
 */
sealed interface Trip {

	/** The names of the steps of all types, in their order. */
	List<String> STEPS = List.of("First", "Second", "Third");

	/** The step at which a task that cannot end stays. */
	String POISONED = "Second";

	/** What ends in an error, sooner or later. */
	Set<String> POISONS = Set.of("throws", "hangs", "memory", "exit");

	static String behaviour(String task) {
		int end = task.indexOf('-');
		return (end < 0) ? task : task.substring(0, end);
	}

	record First(String name) implements Trip {
	}

	record Second(String name) implements Trip {
	}

	record Third(String name) implements Trip {
	}

}
