package io.pgtask.worker;

/**
 * How much work this worker can take on. While transitions pile up, more would only make
 * the pile higher.
 */
final class Demand {

	private final Slots slots;

	private final OutcomeQueue queue;

	private final Pace pace;

	Demand(Slots slots, OutcomeQueue queue, Pace pace) {
		this.slots = slots;
		this.queue = queue;
		this.pace = pace;
	}

	/**
	 * Return how many tasks to claim.
	 * @return the number of tasks, 0 for the time being if there is enough to do
	 */
	int size() {
		return this.queue.isFull() ? 0 : this.slots.demand();
	}

	/**
	 * Keep places for a claim that is about to be made.
	 * @return how many tasks to claim; to be given to {@link #arrived(int)} afterwards
	 */
	int reserve() {
		return this.queue.isFull() ? 0 : this.slots.reserve();
	}

	/** A claim is over, and its places are taken or free again. */
	void arrived(int places) {
		this.slots.arrived(places);
	}

	/**
	 * Return whether the slots work off tasks faster than one connection claims them.
	 * @return whether a second one helps
	 */
	boolean outrunsClaims() {
		return this.pace.outrunsClaims();
	}

}
