package io.pgtask;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.CompletionException;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

import org.springframework.core.retry.RetryPolicy;

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
	void aLinearDelayGrowsByItselfUpToTheLongest() {
		RetrySettings settings = new RetrySettings(4, Backoff.LINEAR, SECOND, 1.0, Duration.ofMillis(3500), 0.0,
				Set.of(), Set.of(), null);
		assertThat(delays(settings)).containsExactly(SECOND, Duration.ofSeconds(2), Duration.ofSeconds(3),
				Duration.ofMillis(3500));
	}

	@Test
	void theDocumentedDelaysAreTheRealOnes() throws IOException {
		List<String> rows = Files.readAllLines(Path.of("..", "docs", "failures.md"))
			.stream()
			.filter((line) -> line.startsWith("| `"))
			.toList();
		assertThat(rows).contains(row("CONSTANT", "10s", 1.0, null), row("LINEAR", "10s", 1.0, null),
				row("LINEAR", "10s", 1.0, Duration.ofMinutes(1)), row("EXPONENTIAL", "1s", 2.0, null),
				row("EXPONENTIAL", "1s", 2.0, Duration.ofMinutes(1)),
				row("EXPONENTIAL", "10s", 3.0, Duration.ofHours(1)));
	}

	private static String row(String backoff, String delay, double multiplier, @Nullable Duration maxDelay) {
		RetrySettings settings = new RetrySettings(10, Backoff.valueOf(backoff), Duration.parse("PT" + delay),
				multiplier, maxDelay, 0.0, Set.of(), Set.of(), null);
		String attributes = "`%s`, `%s`%s%s".formatted(backoff, delay,
				(multiplier > 1.0) ? ", × " + (int) multiplier : "",
				(maxDelay != null) ? ", at most `" + text(maxDelay) + "`" : "");
		return "| %s | %s |".formatted(attributes,
				IntStream.of(1, 2, 3, 4, 5, 10)
					.mapToObj((retry) -> text(settings.delayBefore(retry)))
					.collect(Collectors.joining(" | ")));
	}

	private static String text(Duration duration) {
		return duration.toString().substring(2).toLowerCase(Locale.ROOT).replaceAll("([hm])(?=\\d)", "$1 ");
	}

	@Test
	void onlyTheNamedExceptionsAreRetriedThemselvesOrAsACause() {
		RetrySettings settings = types(Set.of(IOException.class), Set.of());
		assertThat(settings.isRetryable(new FileNotFoundException())).isTrue();
		assertThat(settings.isRetryable(new IllegalStateException(new UncheckedIOException(new IOException()))))
			.isTrue();
		assertThat(settings.isRetryable(new IllegalStateException())).isFalse();
		assertThat(RetrySettings.DEFAULT.isRetryable(new StackOverflowError())).isTrue();
	}

	@Test
	void anExceptionThatIsNotToBeRetriedWinsOverOneThatIs() {
		RetrySettings settings = types(Set.of(IOException.class), Set.of(FileNotFoundException.class));
		assertThat(settings.isRetryable(new IOException())).isTrue();
		assertThat(settings.isRetryable(new IOException(new FileNotFoundException()))).isFalse();
	}

	@Test
	void aFatalExceptionIsNeverRetriedNotEvenAsACause() {
		FatalStepException fatal = new FatalStepException("no use");
		assertThat(RetrySettings.DEFAULT.isRetryable(new CompletionException(fatal))).isFalse();
		assertThat(types(Set.of(FatalStepException.class), Set.of()).isRetryable(fatal)).isFalse();
		assertThat(RetrySettings.of((failure) -> true).isRetryable(fatal)).isFalse();
	}

	@Test
	void aChainOfCausesThatBitesItsTailHasAnEnd() {
		IllegalStateException one = new IllegalStateException("one");
		one.initCause(new IllegalStateException("other", one));
		assertThat(types(Set.of(IOException.class), Set.of()).isRetryable(one)).isFalse();
	}

	@Test
	void aPolicyDecidesWhatIsRetriedAfterWhichDelayAndHowOften() {
		RetrySettings settings = RetrySettings
			.of(RetryPolicy.builder().maxRetries(3).delay(SECOND).multiplier(3).includes(IOException.class).build());
		assertThat(settings.isRetryable(new IOException())).isTrue();
		assertThat(settings.isRetryable(new IllegalStateException())).isFalse();
		assertThat(settings.delayAfter(1)).isEqualTo(SECOND);
		assertThat(settings.delayAfter(3)).isEqualTo(Duration.ofSeconds(9));
		assertThat(settings.delayAfter(4)).isNull();
	}

	@Test
	void aPolicyWithATimeoutIsRefused() {
		assertThatIllegalArgumentException()
			.isThrownBy(() -> RetrySettings.of(RetryPolicy.builder().timeout(SECOND).build()))
			.withMessageContaining("timeout");
	}

	private static RetrySettings types(Set<Class<? extends Throwable>> retryFor,
			Set<Class<? extends Throwable>> noRetryFor) {
		return new RetrySettings(1, Backoff.CONSTANT, SECOND, 1.0, null, 0.0, retryFor, noRetryFor, null);
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
