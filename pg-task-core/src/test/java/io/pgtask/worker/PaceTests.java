package io.pgtask.worker;

import java.time.Duration;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link Pace}.
 */
class PaceTests {

	private static final int CONCURRENCY = 6;

	private final Pace pace = new Pace(CONCURRENCY);

	@Test
	void nothingIsClaimedAheadUntilThePaceIsKnown() {
		assertThat(this.pace.ahead()).isZero();
	}

	@ParameterizedTest
	@CsvSource({ "5, 20", "20, 5", "49, 2", "60, 0", "5000, 0" })
	void asMuchIsClaimedAheadAsTheSlotsFinishInATenthOfASecond(int stepMillis, int forEachSlot) {
		stepsTake(Duration.ofMillis(stepMillis));
		assertThat(this.pace.ahead()).isBetween((int) (CONCURRENCY * forEachSlot * 0.95), CONCURRENCY * forEachSlot);
	}

	@Test
	void noMoreThanAThousandTasksAreClaimedAhead() {
		stepsTake(Duration.ofNanos(1000));
		assertThat(this.pace.ahead()).isEqualTo(1000);
	}

	@Test
	void whoHasMadeTasksWaitStartsFromOneAtATime() {
		stepsTake(Duration.ofNanos(1000));
		this.pace.reset();
		assertThat(this.pace.ahead()).isZero();
	}

	private void stepsTake(Duration duration) {
		for (int i = 0; i < 200; i++) {
			this.pace.stepTook(duration.toNanos());
		}
	}

}
