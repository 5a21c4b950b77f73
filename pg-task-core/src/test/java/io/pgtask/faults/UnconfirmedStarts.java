package io.pgtask.faults;

import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.UUID;

import io.pgtask.store.ClaimedTask;
import io.pgtask.store.DirectOffer;
import io.pgtask.store.DirectRow;
import io.pgtask.store.DirectStarter;
import org.jspecify.annotations.Nullable;

/**
 * Starts what somebody has inserted in a transaction of his own without asking whether it
 * is there.
 */
final class UnconfirmedStarts implements Patch {

	private static final int PRIORITY = 5;

	@Override
	public DirectStarter starter(DirectStarter engine, Runnable onUse) {
		return (taskType) -> {
			@Nullable DirectOffer offer = engine.offer(taskType);
			return (offer != null) ? new Believing(offer, taskType, onUse) : null;
		};
	}

	/**
	 * Believes that the row is as it was inserted.
	 */
	private record Believing(DirectOffer offer, String taskType, Runnable onUse) implements DirectOffer {

		@Override
		public UUID token() {
			return this.offer.token();
		}

		@Override
		public Duration lease() {
			return this.offer.lease();
		}

		@Override
		public void committed(DirectRow row, ClaimedTask task) {
			this.offer.committed(row, task);
		}

		@Override
		public void unconfirmed(DirectRow row, boolean certain) {
			this.onUse.run();
			String text = "{\"" + this.taskType + "\":{\"First\":{\"name\":\"" + RecordedStatement.name(row.id())
					+ "\"}}}";
			this.offer.committed(row, new ClaimedTask(row.id(), row.token(), this.taskType, PRIORITY, text, 0, 1,
					Map.of(), Instant.now(), Instant.now().plus(lease()), null, null, false, 0));
		}

		@Override
		public void withdrawn() {
			this.offer.withdrawn();
		}

	}

}
