package io.pgtask.worker;

import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;

import io.pgtask.store.ClaimedTask;
import io.pgtask.store.Transition;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link OutcomeQueue}.
 */
class OutcomeQueueTests {

	private final AtomicInteger calls = new AtomicInteger();

	private final OutcomeQueue queue = new OutcomeQueue(3, this.calls::incrementAndGet);

	@Test
	void isFullUntilEnoughIsSettledAndThenCallsForMoreWorkOnce() throws InterruptedException {
		IntStream.range(0, 5).forEach((i) -> this.queue.add(outcome()));
		assertThat(this.queue.isFull()).isTrue();
		assertThat(this.queue.take(0)).hasSize(5);
		assertThat(this.queue.isFull()).as("what is being written is still on its way").isTrue();
		this.queue.settled(1);
		assertThat(this.calls).hasValue(0);
		this.queue.settled(1);
		assertThat(this.calls).hasValue(1);
		assertThat(this.queue.isFull()).isFalse();
		this.queue.settled(3);
		assertThat(this.calls).hasValue(1);
		assertThat(this.queue.unsettled()).isZero();
	}

	@Test
	void aFailureComesLaterThanWhatItArrivedWithAndIsUnsettledUntilThen() throws InterruptedException {
		this.queue.add(failure());
		this.queue.add(outcome());
		assertThat(this.queue.take(0)).extracting(Outcome::kind).startsWith(StepOutcome.GIVEN_BACK);
		this.queue.settled(1);
		assertThat(this.queue.unsettled()).isOne();
	}

	private static Outcome outcome() {
		return Outcome.giveBack(execution());
	}

	private static Outcome failure() {
		Execution execution = execution();
		return new Outcome(execution, Transition.Release.park(execution.id(), execution.token(), 1, 1, "no luck"),
				StepOutcome.ERRORED, "Start", Duration.ZERO);
	}

	private static Execution execution() {
		ClaimedTask task = new ClaimedTask(UUID.randomUUID(), UUID.randomUUID(), "Journey", 4, "", 0, 1, Map.of(),
				Instant.EPOCH, Instant.EPOCH, null, null, false, 0);
		return new Execution(task, Lease.sentAt(0, Duration.ZERO, Instant.EPOCH));
	}

}
