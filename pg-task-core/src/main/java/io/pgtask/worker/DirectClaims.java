package io.pgtask.worker;

import java.time.Duration;
import java.util.Set;
import java.util.UUID;
import java.util.function.Predicate;

import io.pgtask.store.ClaimedTask;
import io.pgtask.store.ConfirmStatement;
import io.pgtask.store.DirectOffer;
import io.pgtask.store.DirectRow;
import org.jspecify.annotations.Nullable;

/**
 * Offers to start tasks directly: without a claim, but with all that a claim brings.
 */
final class DirectClaims {

	/** Types of which a task may start without the table being asked what else waits. */
	private final Predicate<String> startable;

	private final DirectPlaces places;

	private final Identity identity;

	private final Duration leaseTimeout;

	private final Arrivals arrivals;

	/**
	 * Create direct claims.
	 * @param parts those of the worker
	 * @param identity makes the tokens
	 * @param slots where the tasks are to run
	 * @param runs takes them on
	 * @param pausedTypes the types of which nothing is started
	 * @param onArrival called when there is something for the {@link #arrivals()} to
	 * settle
	 */
	DirectClaims(WorkerParts parts, Identity identity, Slots slots, DirectRuns runs, PausedTypes pausedTypes,
			Runnable onArrival) {
		Set<String> taskTypes = parts.registry().taskTypeNames();
		this.startable = (taskType) -> taskTypes.contains(taskType) && !pausedTypes.isPaused(taskType);
		this.leaseTimeout = parts.settings().leaseTimeout();
		this.identity = identity;
		this.places = new DirectPlaces(slots);
		this.arrivals = new Arrivals(new ConfirmStatement(parts.table()), runs, onArrival);
	}

	Arrivals arrivals() {
		return this.arrivals;
	}

	/**
	 * Offer to start a task, for a worker that has nothing else to do.
	 * @param taskType the persisted name of its type
	 * @return the offer, or {@code null} if the task has to wait for its turn
	 */
	@Nullable DirectOffer offer(String taskType) {
		if (!this.startable.test(taskType)) {
			return null;
		}
		DirectPlaces.Place place = this.places.take();
		return (place != null) ? new Offer(place, this.identity.nextToken()) : null;
	}

	/** Take on nothing more, and give back what comes. */
	void close() {
		this.arrivals.close();
	}

	/**
	 * One offer.
	 */
	private final class Offer implements DirectOffer {

		private final DirectPlaces.Place place;

		private final UUID token;

		Offer(DirectPlaces.Place place, UUID token) {
			this.place = place;
			this.token = token;
		}

		@Override
		public UUID token() {
			return this.token;
		}

		@Override
		public Duration lease() {
			return DirectClaims.this.leaseTimeout;
		}

		@Override
		public void committed(DirectRow row, ClaimedTask task) {
			DirectClaims.this.arrivals.add(row, task, this::withdrawn);
		}

		@Override
		public void unconfirmed(DirectRow row, boolean certain) {
			DirectClaims.this.arrivals.add(row, certain, this::withdrawn);
		}

		@Override
		public void withdrawn() {
			DirectClaims.this.places.leave(this.place);
		}

	}

}
