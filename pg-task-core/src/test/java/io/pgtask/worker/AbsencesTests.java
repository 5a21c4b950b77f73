package io.pgtask.worker;

import java.time.Duration;
import java.util.List;
import java.util.Set;

import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link Absences}.
 */
class AbsencesTests {

	private static final long START = System.nanoTime();

	private static final Set<Integer> UNKNOWN = Set.of();

	private final Absences absences = new Absences();

	@Test
	void whoIsMissedForTwoSecondsIsOverdueOnce() {
		update(0, Set.of(1, 2), UNKNOWN, 0);
		update(1, Set.of(2), UNKNOWN, 0);
		update(2.9, Set.of(2), UNKNOWN, 0);
		update(3, Set.of(2), UNKNOWN, 1);
		update(10, Set.of(2), UNKNOWN, 0);
	}

	@Test
	void whoComesBackInTimeIsGivenTheWholeTimeAgain() {
		update(0, Set.of(1), UNKNOWN, 0);
		update(1, Set.of(), UNKNOWN, 0);
		update(2.9, Set.of(1), UNKNOWN, 0);
		update(3.5, Set.of(), UNKNOWN, 0);
		update(5.4, Set.of(), UNKNOWN, 0);
		update(5.5, Set.of(), UNKNOWN, 1);
	}

	@Test
	void whoHoldsClaimsAndWasNeverSeenIsMissedFromThenOn() {
		update(0, Set.of(2), Set.of(1, 2), 0);
		update(2, Set.of(2), UNKNOWN, 1);
	}

	@Test
	void whoWasOnlyHeardOfBetweenTwoLooksIsMissedFromTheSecond() {
		update(0, Set.of(2), UNKNOWN, 0);
		this.absences.heardOf(1);
		update(2, Set.of(2), UNKNOWN, 0);
		update(4, Set.of(2), UNKNOWN, 1);
	}

	@Test
	void whatWasSeenTooLongAgoIsNoReason() {
		update(0, Set.of(1, 2), Set.of(3), 0);
		update(1, Set.of(1), UNKNOWN, 0);
		this.absences.forget();
		update(60, Set.of(), UNKNOWN, 0);
		update(120, Set.of(), UNKNOWN, 0);
	}

	@Test
	void whoIsMissedIsLookedForAgainBeforeItsTimeIsOver() {
		Duration longest = Duration.ofMinutes(1);
		assertThat(this.absences.untilNextLook(longest)).isEqualTo(longest);
		this.absences.update(Set.of(), Set.of(1), System.nanoTime());
		assertThat(this.absences.untilNextLook(longest)).isBetween(Duration.ZERO, Duration.ofMillis(500));
		this.absences.update(Set.of(1), UNKNOWN, System.nanoTime());
		assertThat(this.absences.untilNextLook(longest)).isEqualTo(longest);
	}

	@Test
	void theLastLookIsWhenTheTimeIsOver() {
		this.absences.update(Set.of(), Set.of(1), System.nanoTime() - Duration.ofMillis(1900).toNanos());
		assertThat(this.absences.untilNextLook(Duration.ofMinutes(1))).isBetween(Duration.ZERO, Duration.ofMillis(100));
	}

	private void update(double seconds, Set<Integer> present, Set<Integer> holders, int overdue) {
		long seen = START + (long) (seconds * 1_000_000_000);
		assertThat(this.absences.update(present, holders, seen)).as("overdue after %s s", seconds)
			.isEqualTo((overdue != 0) ? List.of(overdue) : List.of());
	}

}
