package io.pgtask;

import java.time.Duration;
import java.util.List;
import java.util.stream.IntStream;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

/**
 * Tests for {@link RetrySettings}.
 */
class RetrySettingsTests {

	private static final Duration SECOND = Duration.ofSeconds(1);

	@Test
	void theDefaultIsThatOfTheRustLibrary() {
		assertThat(RetrySettings.DEFAULT.maxRetries()).isZero();
		assertThat(RetrySettings.DEFAULT.delay()).isEqualTo(SECOND);
		assertThat(delays(RetrySettings.DEFAULT)).containsOnly(SECOND);
	}

	@Test
	void theLimitCountsTheRetriesAfterTheFirstAttempt() {
		RetrySettings settings = settings(5, 1.0, null, 0.0);
		assertThat(settings.allowsRetryAfter(5)).isTrue();
		assertThat(settings.allowsRetryAfter(6)).isFalse();
		assertThat(RetrySettings.DEFAULT.allowsRetryAfter(1)).isFalse();
	}

	@Test
	void theDelayGrowsByTheMultiplierUpToTheLongest() {
		assertThat(delays(settings(4, 2.0, Duration.ofSeconds(5), 0.0))).containsExactly(SECOND, Duration.ofSeconds(2),
				Duration.ofSeconds(4), Duration.ofSeconds(5));
	}

	@Test
	void theDelayNeverOverflows() {
		assertThat(settings(Integer.MAX_VALUE, 10.0, null, 0.0).delayBefore(Integer.MAX_VALUE))
			.isBetween(Duration.ofDays(365), Duration.ofDays(365 * 200));
	}

	@Test
	void theJitterMakesAShareOfTheDelayRandom() {
		RetrySettings settings = settings(100, 1.0, null, 0.5);
		assertThat(IntStream.rangeClosed(1, 100).mapToObj(settings::delayBefore).toList())
			.allMatch((delay) -> delay.compareTo(SECOND.dividedBy(2)) >= 0 && delay.compareTo(SECOND) <= 0)
			.doesNotHaveDuplicates();
	}

	@Test
	void whatMakesNoSenseIsRefused() {
		assertRefused(-1, 1.0, null, 0.0, "maxRetries must be 0 or more but is -1");
		assertRefused(0, 0.5, null, 0.0, "multiplier must be 1 or more but is 0.5");
		assertRefused(0, Double.NaN, null, 0.0, "multiplier must be 1 or more but is NaN");
		assertRefused(0, 1.0, Duration.ofNanos(-1), 0.0, "longest delay must not be negative");
		assertRefused(0, 1.0, null, 1.5, "jitter must be between 0 and 1 but is 1.5");
		assertThatIllegalArgumentException()
			.isThrownBy(() -> new RetrySettings(0, Duration.ofNanos(-1), 1.0, null, 0.0))
			.withMessageContaining("retry delay must not be negative");
	}

	private static List<Duration> delays(RetrySettings settings) {
		return IntStream.rangeClosed(1, 4).mapToObj(settings::delayBefore).toList();
	}

	private static void assertRefused(int maxRetries, double multiplier, @Nullable Duration maxDelay, double jitter,
			String message) {
		assertThatIllegalArgumentException().isThrownBy(() -> settings(maxRetries, multiplier, maxDelay, jitter))
			.withMessageContaining(message);
	}

	private static RetrySettings settings(int maxRetries, double multiplier, @Nullable Duration maxDelay,
			double jitter) {
		return new RetrySettings(maxRetries, SECOND, multiplier, maxDelay, jitter);
	}

}
