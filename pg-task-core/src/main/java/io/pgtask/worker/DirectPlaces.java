package io.pgtask.worker;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;

import org.jspecify.annotations.Nullable;

/**
 * Bounds how many direct starts are under way: no more than there are free slots, since
 * each one too many is a row that must be given back. No slot is kept for them, and a
 * transaction that takes long no longer counts after a moment, so that it keeps others
 * from nothing.
 */
final class DirectPlaces {

	private static final Duration LONGEST = Duration.ofMillis(100);

	private final Slots slots;

	private final Deque<Place> taken = new ArrayDeque<>();

	DirectPlaces(Slots slots) {
		this.slots = slots;
	}

	/**
	 * Take a place.
	 * @return the place, to be {@link #leave left} again, or {@code null} if there is
	 * none
	 */
	synchronized @Nullable Place take() {
		long now = System.nanoTime();
		while (!this.taken.isEmpty() && now - this.taken.getFirst().sinceNanos > LONGEST.toNanos()) {
			this.taken.removeFirst();
		}
		if (!this.slots.hasFree(this.taken.size())) {
			return null;
		}
		Place place = new Place(now);
		this.taken.addLast(place);
		return place;
	}

	synchronized void leave(Place place) {
		this.taken.removeFirstOccurrence(place);
	}

	/** The place of one direct start; no two are equal. */
	static final class Place {

		private final long sinceNanos;

		private Place(long sinceNanos) {
			this.sinceNanos = sinceNanos;
		}

	}

}
