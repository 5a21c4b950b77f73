package io.pgtask.worker;

import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.UUID;

import io.pgtask.store.ClaimedTask;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link Execution}.
 */
class ExecutionTests {

	@Test
	void beginsOnceWhileItsLeaseLives() {
		Execution execution = execution(lease(Duration.ofMinutes(1)));
		assertThat(execution.begin()).isTrue();
		assertThat(execution.begin()).isFalse();
		assertThat(execution.end()).isTrue();
		execution.advance("the next step");
		assertThat(execution.begin()).isTrue();
	}

	@Test
	void doesNotBeginAfterItsLeaseBecauseItMayHaveBeenFinishedElsewhere() {
		Execution execution = execution(lease(Duration.ZERO));
		assertThat(execution.begin()).isFalse();
		execution.renew(lease(Duration.ofMinutes(1)));
		assertThat(execution.begin()).isTrue();
	}

	@Test
	void neitherBeginsNorCountsOnceItIsGivenBackOrLost() {
		Execution givenBack = execution(lease(Duration.ofMinutes(1)));
		assertThat(givenBack.withdraw()).isTrue();
		assertThat(givenBack.begin()).isFalse();
		Execution lost = execution(lease(Duration.ofMinutes(1)));
		assertThat(lost.begin()).isTrue();
		assertThat(lost.loseLease()).isTrue();
		assertThat(lost.isCancelled()).isTrue();
		assertThat(Thread.interrupted()).isTrue();
		assertThat(lost.end()).isFalse();
	}

	private static Lease lease(Duration length) {
		return Lease.sentAt(System.nanoTime(), length, Instant.EPOCH);
	}

	private static Execution execution(Lease lease) {
		ClaimedTask task = new ClaimedTask(UUID.randomUUID(), UUID.randomUUID(), "Journey", 4, "", 0, 1, Map.of(),
				Instant.EPOCH, Instant.EPOCH, null, null, false, 0);
		return new Execution(task, lease);
	}

}
