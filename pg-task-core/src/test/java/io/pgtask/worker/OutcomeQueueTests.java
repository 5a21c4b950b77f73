package io.pgtask.worker;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
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
	void aFailureThatIsAloneIsTakenAtOnce() throws InterruptedException {
		Outcome failure = failure(Duration.ofSeconds(1));
		this.queue.add(failure);
		assertThat(this.queue.take(0)).containsExactly(failure);
	}

	@Test
	void aFailureWaitsForOthersForAMomentWhileThereIsSomethingElseToSave() throws InterruptedException {
		Outcome failure = failure(Duration.ofSeconds(1));
		Outcome parked = parked();
		Outcome other = outcome();
		List.of(failure, other, parked).forEach(this.queue::add);
		assertThat(this.queue.take(0)).containsExactly(other);
		assertThat(this.queue.unsettled()).isEqualTo(3);
		assertThat(this.queue.take(20_000)).as("what arrives when the moment is over").containsExactly(failure, parked);
	}

	@Test
	void aFailureThatWaitsGoesWithOneThatComesAlone() throws InterruptedException {
		Outcome first = failure(Duration.ofSeconds(1));
		List.of(first, outcome()).forEach(this.queue::add);
		assertThat(this.queue.take(0)).doesNotContain(first);
		Outcome second = failure(Duration.ofSeconds(1));
		this.queue.add(second);
		assertThat(this.queue.take(0)).containsExactly(first, second);
	}

	@Test
	void aFailureThatIsTriedAgainSoonWaitsForNobody() throws InterruptedException {
		Outcome failure = failure(Duration.ofMillis(100));
		List.of(failure, outcome()).forEach(this.queue::add);
		assertThat(this.queue.take(0)).contains(failure).hasSize(2);
	}

	@Test
	void manyFailuresWaitForNobody() throws InterruptedException {
		this.queue.add(outcome());
		IntStream.range(0, 100).forEach((i) -> this.queue.add(failure(Duration.ofSeconds(1))));
		assertThat(this.queue.take(0)).hasSize(101);
	}

	private static Outcome outcome() {
		return Outcome.giveBack(execution());
	}

	private static Outcome failure(Duration delay) {
		Execution execution = execution();
		return failed(execution,
				Transition.Release.retry(execution.id(), execution.token(), delay, null, 1, 1, "no luck"),
				StepOutcome.RETRIED);
	}

	private static Outcome parked() {
		Execution execution = execution();
		return failed(execution, Transition.Release.park(execution.id(), execution.token(), 1, 1, "no luck"),
				StepOutcome.ERRORED);
	}

	private static Outcome failed(Execution execution, Transition.Release release, StepOutcome kind) {
		return new Outcome(execution, release, kind, "Start", Duration.ZERO);
	}

	private static Execution execution() {
		ClaimedTask task = new ClaimedTask(UUID.randomUUID(), UUID.randomUUID(), "Journey", 4, "", 0, 1, Map.of(),
				Instant.EPOCH, Instant.EPOCH, null, null, false, 0);
		return new Execution(task, Lease.sentAt(0, Duration.ZERO, Instant.EPOCH));
	}

}
