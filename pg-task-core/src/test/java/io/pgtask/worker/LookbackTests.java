package io.pgtask.worker;

import java.time.Duration;
import java.time.Instant;
import java.util.List;

import io.pgtask.store.DueHead;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link Lookback}.
 */
class LookbackTests {

	private static final Instant NOW = Instant.parse("2026-11-25T12:00:00Z");

	private static final Duration SLOW = Duration.ofMinutes(1);

	private final Lookback lookback = new Lookback();

	@Test
	void theFirstSurveyLooksAtEverything() {
		assertThat(this.lookback.next()).isNull();
	}

	@Test
	void whatTakesNoTimeIsDoneEveryTime() {
		surveyed(null, Duration.ZERO, NOW);
		assertThat(this.lookback.untilSweep()).isLessThan(Duration.ofSeconds(1));
	}

	@Test
	void afterASlowSweepSurveysLookNoFartherBackThanTheOldestTaskSeen() {
		surveyed(null, SLOW, NOW.minusSeconds(3600), NOW.minusSeconds(7200), NOW.plusSeconds(60));
		assertThat(this.lookback.next()).isBetween(Duration.ofSeconds(7201).plus(SLOW),
				Duration.ofSeconds(7211).plus(SLOW));
	}

	@Test
	void whoHasSeenNothingThatIsDueLooksBackToThenAndALittleFarther() {
		surveyed(null, SLOW, NOW.plusSeconds(60));
		assertThat(this.lookback.next()).isBetween(SLOW.plusSeconds(1), SLOW.plusSeconds(11));
	}

	@Test
	void everySurveyTellsTheNextOneWhereToBegin() {
		surveyed(null, SLOW, NOW.minusSeconds(3600));
		surveyed(this.lookback.next(), Duration.ZERO, NOW.minusSeconds(30));
		assertThat(this.lookback.next()).isBetween(Duration.ofSeconds(31), Duration.ofSeconds(41));
	}

	@Test
	void everythingIsLookedAtAgainAfterTenSecondsAtTheLatest() {
		surveyed(null, SLOW, NOW);
		assertThat(this.lookback.untilSweep()).isBetween(Duration.ofMillis(1), Duration.ofSeconds(10));
	}

	@Test
	void whoWantsEverythingLookedAtDoesNotWaitForThat() {
		surveyed(null, SLOW, NOW);
		this.lookback.lookAtEverything();
		assertThat(this.lookback.next()).isNull();
	}

	@Test
	void aTaskOfAllTimesIsLookedAtWithEverything() {
		surveyed(null, SLOW, Instant.MIN);
		assertThat(this.lookback.next()).isNull();
	}

	private void surveyed(@Nullable Duration back, Duration took, Instant... due) {
		List<DueHead> heads = List.of(due).stream().map((each) -> new DueHead("Greeter", 4, each, NOW)).toList();
		this.lookback.surveyed(back, heads, System.nanoTime() - took.toNanos());
	}

}
