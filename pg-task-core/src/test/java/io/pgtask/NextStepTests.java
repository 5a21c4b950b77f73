package io.pgtask;

import java.time.Duration;
import java.time.Instant;

import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;

/**
 * Tests for {@link NextStep}.
 */
class NextStepTests {

	private static final Duration DELAY = Duration.ofSeconds(3);

	@Test
	void doneEndsTheTask() {
		NextStep<String> next = NextStep.done();
		assertThat(next).isEqualTo(new NextStep.Done<String>());
	}

	@Test
	void nowCarriesTheStateOfTheNextStep() {
		NextStep<CharSequence> next = NextStep.now("state");
		assertThat(next).isEqualTo(new NextStep.Now<CharSequence>("state"));
	}

	@Test
	void delayCarriesTheDelayAndTheState() {
		NextStep<CharSequence> next = NextStep.delay("state", DELAY);
		assertThat(next).isEqualTo(new NextStep.Delay<CharSequence>("state", DELAY));
	}

	@Test
	void atCarriesTheInstantAndTheState() {
		NextStep<CharSequence> next = NextStep.at("state", Instant.EPOCH);
		assertThat(next).isEqualTo(new NextStep.At<CharSequence>("state", Instant.EPOCH));
	}

	@Test
	void retryCarriesTheCauseAndWhenToTryAgain() {
		IllegalStateException cause = new IllegalStateException();
		assertThat(NextStep.<String>retry(cause)).isEqualTo(new NextStep.Retry<String>(cause, null, null));
		assertThat(NextStep.<String>retry(cause, DELAY)).isEqualTo(new NextStep.Retry<String>(cause, DELAY, null));
		assertThat(NextStep.<String>retry(cause, Instant.EPOCH))
			.isEqualTo(new NextStep.Retry<String>(cause, null, Instant.EPOCH));
	}

	@Test
	void laterCarriesWhenAndWhy() {
		assertThat(NextStep.<String>later(DELAY)).isEqualTo(new NextStep.Later<String>(DELAY, null, null));
		assertThat(NextStep.<String>later(DELAY, "busy")).isEqualTo(new NextStep.Later<String>(DELAY, null, "busy"));
		assertThat(NextStep.<String>later(Instant.EPOCH))
			.isEqualTo(new NextStep.Later<String>(null, Instant.EPOCH, null));
		assertThat(NextStep.<String>later(Instant.EPOCH, "busy"))
			.isEqualTo(new NextStep.Later<String>(null, Instant.EPOCH, "busy"));
	}

	@Test
	void failAndCancelCarryTheReason() {
		IllegalStateException cause = new IllegalStateException();
		assertThat(NextStep.<String>fail("broken")).isEqualTo(new NextStep.Fail<String>("broken", null));
		assertThat(NextStep.<String>fail("broken", cause)).isEqualTo(new NextStep.Fail<String>("broken", cause));
		assertThat(NextStep.<String>cancel("obsolete")).isEqualTo(new NextStep.Cancel<String>("obsolete"));
	}

	@Test
	void aNegativeDelayIsRefused() {
		assertThatIllegalArgumentException().isThrownBy(() -> NextStep.delay("state", Duration.ofNanos(-1)))
			.withMessageContaining("must not be negative");
		assertThatIllegalArgumentException().isThrownBy(() -> NextStep.later(Duration.ofNanos(-1)));
		assertThatIllegalArgumentException()
			.isThrownBy(() -> NextStep.retry(new IllegalStateException(), Duration.ofNanos(-1)));
	}

	@Test
	void nullIsRefused() {
		assertThatNullPointerException().isThrownBy(() -> NextStep.now(nothing()))
			.withMessageContaining("NextStep.done()");
		assertThatNullPointerException().isThrownBy(() -> NextStep.delay(nothing(), DELAY));
		assertThatNullPointerException().isThrownBy(() -> NextStep.delay("state", nothing()))
			.withMessageContaining("Duration.ZERO");
		assertThatNullPointerException().isThrownBy(() -> NextStep.at("state", nothing()));
	}

	@SuppressWarnings({ "NullAway", "TypeParameterUnusedInFormals" })
	private static <T> T nothing() {
		return null;
	}

}
