package io.pgtask.model;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;

/**
 * Drops from a sequence whatever it does not need to fail: first large parts, then single
 * actions.
 *
 * @param <T> the type of the actions
 */
final class Shrinker<T> {

	private final Predicate<List<T>> fails;

	/**
	 * Create a shrinker.
	 * @param fails plays a sequence, and returns whether it fails
	 */
	Shrinker(Predicate<List<T>> fails) {
		this.fails = fails;
	}

	/**
	 * Shrink a sequence that fails.
	 * @return a part of it that fails as well, and would not without any of its actions
	 */
	List<T> shrink(List<T> failing) {
		List<T> shortest = failing;
		int size = Math.max(1, failing.size() / 2);
		while (true) {
			List<T> shorter = withoutParts(shortest, size);
			if (size == 1 && shorter.size() == shortest.size()) {
				return shorter;
			}
			shortest = shorter;
			size = Math.max(1, size / 2);
		}
	}

	private List<T> withoutParts(List<T> failing, int size) {
		List<T> shortest = failing;
		for (int end = shortest.size(); end > 0; end -= size) {
			List<T> shorter = new ArrayList<>(shortest);
			shorter.subList(Math.max(0, end - size), end).clear();
			if (this.fails.test(shorter)) {
				shortest = shorter;
			}
		}
		return shortest;
	}

}
