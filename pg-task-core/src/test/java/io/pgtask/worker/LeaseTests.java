package io.pgtask.worker;

import java.time.Duration;
import java.time.Instant;

import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link Lease}.
 */
class LeaseTests {

	private static final Instant YESTERDAY = Instant.parse("2026-01-01T00:00:00Z");

	@Test
	void aLeaseIsCountedFromBeforeItsStatementWasSentAndNotByTheClockOnTheWall() {
		long aSecondAgo = System.nanoTime() - Duration.ofSeconds(1).toNanos();
		Lease lease = Lease.sentAt(aSecondAgo, Duration.ofMinutes(1), YESTERDAY);
		assertThat(lease.remaining()).isBetween(Duration.ofSeconds(30), Duration.ofSeconds(59));
		assertThat(lease.isOver()).isFalse();
		assertThat(lease.deadline()).isEqualTo(YESTERDAY);
	}

	@Test
	void nothingRemainsOfALeaseThatIsOver() {
		long aSecondAgo = System.nanoTime() - Duration.ofSeconds(1).toNanos();
		Lease lease = Lease.sentAt(aSecondAgo, Duration.ofMillis(999), YESTERDAY);
		assertThat(lease.remaining()).isZero();
		assertThat(lease.isOver()).isTrue();
	}

}
