package io.pgtask.store;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.UUID;

import org.jspecify.annotations.Nullable;

/**
 * Offers to start every task, and notes what becomes of that.
 */
final class Offers implements DirectStarter {

	private final List<String> told = new ArrayList<>();

	private final List<Runnable> giveBacks = new ArrayList<>();

	private int made;

	private @Nullable ClaimedTask task;

	private UUID token = UUID.randomUUID();

	@Override
	public DirectOffer offer(String taskType) {
		this.made++;
		this.token = UUID.randomUUID();
		return new NotedOffer(this, this.token);
	}

	/** What became of them, in order. */
	List<String> told() {
		return this.told;
	}

	/** How many were made. */
	int made() {
		return this.made;
	}

	/** What gives the committed tasks back. */
	List<Runnable> giveBacks() {
		return this.giveBacks;
	}

	UUID token() {
		return this.token;
	}

	ClaimedTask task() {
		return Objects.requireNonNull(this.task, "No task was committed");
	}

	/** An offer that notes what becomes of it. */
	private record NotedOffer(Offers offers, UUID token) implements DirectOffer {

		@Override
		public Duration lease() {
			return Duration.ofSeconds(60);
		}

		@Override
		public void committed(DirectRow row, ClaimedTask task) {
			this.offers.task = task;
			this.offers.giveBacks.add(row.giveBack());
			this.offers.told.add("committed");
		}

		@Override
		public void unconfirmed(DirectRow row, boolean certain) {
			this.offers.told.add(certain ? "unconfirmed for certain" : "unconfirmed");
		}

		@Override
		public void withdrawn() {
			this.offers.told.add("withdrawn");
		}

	}

}
