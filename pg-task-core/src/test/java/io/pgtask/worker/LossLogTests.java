package io.pgtask.worker;

import java.util.List;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicLong;

import ch.qos.logback.classic.Level;
import io.pgtask.store.LinePace;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link LossLog}.
 */
class LossLogTests {

	private static final UUID FIRST = new UUID(0, 1);

	private static final UUID SECOND = new UUID(0, 2);

	private final AtomicLong clock = new AtomicLong();

	private final LossLog losses = new LossLog(new LinePace(this.clock::get));

	private final LogCapture capture = LogCapture.open();

	@AfterEach
	void closeLog() {
		this.capture.close();
	}

	@Test
	void theFirstLossIsToldOfInFullAndTheOthersOfASecondTogether() {
		this.losses.leaseLost(FIRST, "Journey");
		for (int i = 0; i < 10; i++) {
			this.losses.outcomeDropped(SECOND, StepOutcome.DONE);
		}
		assertThat(lines()).singleElement().asString().contains("lease of task " + FIRST + " (Journey) is lost");
		this.losses.tell();
		assertThat(lines()).hasSize(1);
		this.clock.addAndGet(1_000_000_000);
		this.losses.tell();
		assertThat(lines()).hasSize(2)
			.last()
			.asString()
			.contains("outcome of task " + SECOND + " (DONE) is dropped")
			.endsWith("(9 more claims have been lost since the last line)");
		this.clock.addAndGet(1_000_000_000);
		this.losses.tell();
		assertThat(lines()).hasSize(2);
	}

	@Test
	void theRestIsToldAtTheStopHoweverSoonThatIs() {
		this.losses.leaseLost(FIRST, "Journey");
		this.losses.commitUnknown(SECOND);
		this.losses.tellRest();
		this.losses.tellRest();
		assertThat(lines()).hasSize(2)
			.last()
			.asString()
			.contains("the transaction of task " + SECOND + " was committed")
			.doesNotContain("more claims");
	}

	private List<String> lines() {
		return this.capture.lines(Level.WARN);
	}

}
