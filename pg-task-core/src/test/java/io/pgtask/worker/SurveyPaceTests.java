package io.pgtask.worker;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link SurveyPace}.
 */
class SurveyPaceTests {

	private final AtomicLong clock = new AtomicLong();

	private final SurveyPace pace = new SurveyPace(this.clock::get);

	@BeforeEach
	void survey() {
		this.pace.begin();
		this.pace.end();
	}

	@Test
	void theFirstSurveyIsWanted() {
		assertThat(new SurveyPace(this.clock::get).isWanted()).isTrue();
	}

	@Test
	void whatComesDuringASurveyIsNotSeenByIt() {
		this.pace.begin();
		this.pace.ask();
		this.pace.end();
		assertThat(this.pace.isWanted()).isTrue();
		survey();
		assertThat(this.pace.isWanted()).isFalse();
	}

	@Test
	void besideABacklogWakeUpsAreGatheredForAMoment() {
		this.pace.ask();
		assertDueAfter(Duration.ofMillis(5));
	}

	@Test
	void besideABacklogOwnReleasesAreGatheredForLonger() {
		this.pace.released();
		assertThat(this.pace.isWanted()).isTrue();
		assertDueAfter(Duration.ofMillis(100));
	}

	@Test
	void aWakeUpIsNotDelayedByReleases() {
		this.pace.released();
		this.pace.ask();
		assertDueAfter(Duration.ofMillis(5));
	}

	@Test
	void besideABacklogThereIsASurveyNowAndThenThatNobodyAskedFor() {
		assertThat(this.pace.isWanted()).isFalse();
		assertDueAfter(Duration.ofSeconds(2));
	}

	private void assertDueAfter(Duration pause) {
		this.clock.addAndGet(pause.toNanos());
		assertThat(this.pace.isDueBesideBacklog()).isFalse();
		this.clock.incrementAndGet();
		assertThat(this.pace.isDueBesideBacklog()).isTrue();
	}

}
