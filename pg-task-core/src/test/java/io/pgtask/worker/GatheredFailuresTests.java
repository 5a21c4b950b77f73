package io.pgtask.worker;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;

import io.pgtask.store.ClaimedTask;
import io.pgtask.store.Transition;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link GatheredFailures}.
 */
class GatheredFailuresTests {

	private static final Duration A_SECOND = Duration.ofSeconds(1);

	private final AtomicLong clock = new AtomicLong();

	private final GatheredFailures failures = new GatheredFailures(this.clock::get);

	private final Outcome other = Outcome.giveBack(execution());

	@Test
	void aFailureThatIsAloneIsSavedAtOnce() {
		Outcome failure = retried(A_SECOND);
		assertThat(sift(failure)).containsExactly(failure);
	}

	@Test
	void aFailureWaitsForOthersForAMomentWhileThereIsSomethingElseToSave() {
		Outcome retried = retried(A_SECOND);
		Outcome parked = parked();
		assertThat(sift(retried, this.other, parked)).containsExactly(this.other);
		pass(49);
		assertThat(sift(this.other)).containsExactly(this.other);
		pass(1);
		assertThat(sift(this.other)).containsExactly(this.other, retried, parked);
		assertThat(sift(this.other)).containsExactly(this.other);
	}

	@Test
	void nobodyWaitsLongerForSomethingElseThanAFailureMayWait() {
		assertThat(this.failures.remainingNanos(Long.MAX_VALUE)).isEqualTo(Long.MAX_VALUE);
		Outcome failure = retried(A_SECOND);
		sift(failure, this.other);
		pass(20);
		assertThat(this.failures.remainingNanos(Long.MAX_VALUE)).isEqualTo(TimeUnit.MILLISECONDS.toNanos(30));
		assertThat(this.failures.remainingNanos(1)).isOne();
		assertThat(sift()).isEmpty();
		pass(30);
		assertThat(sift()).containsExactly(failure);
	}

	@Test
	void aFailureThatWaitsGoesWithOneThatComesAlone() {
		Outcome first = retried(A_SECOND);
		Outcome second = retried(A_SECOND);
		sift(first, this.other);
		assertThat(sift(second)).containsExactly(first, second);
	}

	@Test
	void aFailureThatIsTriedAgainSoonDoesNotWait() {
		Outcome soon = retried(Duration.ofMillis(499));
		assertThat(sift(soon, this.other)).containsExactly(soon, this.other);
	}

	@Test
	void manyFailuresDoNotWait() {
		Outcome[] many = Stream.generate(() -> retried(A_SECOND)).limit(100).toArray(Outcome[]::new);
		sift(this.other, many[0]);
		assertThat(sift(Stream.concat(Stream.of(this.other), Stream.of(many).skip(1)).toArray(Outcome[]::new)))
			.hasSize(101);
	}

	private List<Outcome> sift(Outcome... batch) {
		List<Outcome> outcomes = new ArrayList<>(List.of(batch));
		this.failures.sift(outcomes);
		return outcomes;
	}

	private void pass(long millis) {
		this.clock.addAndGet(TimeUnit.MILLISECONDS.toNanos(millis));
	}

	private static Outcome retried(Duration delay) {
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

	private static Outcome failed(Execution execution, Transition release, StepOutcome kind) {
		return new Outcome(execution, release, kind, "Start", Duration.ZERO);
	}

	private static Execution execution() {
		ClaimedTask task = new ClaimedTask(UUID.randomUUID(), UUID.randomUUID(), "Journey", 4, "", 0, 1, Map.of(),
				Instant.EPOCH, Instant.EPOCH, null, null, false, 0);
		return new Execution(task, Lease.sentAt(0, Duration.ZERO, Instant.EPOCH));
	}

}
