package io.pgtask.store;

import java.util.List;
import java.util.concurrent.atomic.AtomicLong;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link OutageLog} and its {@link LinePace}.
 */
class OutageLogTests {

	private static final long SECOND = 1_000_000_000;

	private static final Exception CUT = new IllegalStateException("cut");

	private final AtomicLong clock = new AtomicLong(Long.MAX_VALUE - 5 * SECOND);

	private final OutageLog outages = new OutageLog(new LinePace(this.clock::get));

	private final OutageLog.Part claimer = this.outages.part("claimer");

	private final OutageLog.Part writer = this.outages.part("writer");

	private final OutageLog.Part keeper = this.outages.part("keeper");

	private final Logger logger = (Logger) LoggerFactory.getLogger(OutageLog.class);

	private final ListAppender<ILoggingEvent> appender = new ListAppender<>();

	@BeforeEach
	void readTheLog() {
		this.appender.start();
		this.logger.addAppender(this.appender);
		this.logger.setAdditive(false);
	}

	@AfterEach
	void leaveTheLog() {
		this.logger.detachAppender(this.appender);
		this.logger.setAdditive(true);
	}

	@Test
	void theFirstPartIsToldOfAtOnceAndTheOthersTogetherWhenASecondIsOver() {
		this.claimer.failed(CUT);
		this.writer.failed(CUT);
		this.keeper.failed(CUT);
		assertThat(lines()).containsExactly("The claimer cannot work and tries again until the database answers: "
				+ "java.lang.IllegalStateException: cut");
		this.clock.addAndGet(SECOND);
		this.claimer.failed(CUT);
		assertThat(lines()).last()
			.isEqualTo("The writer and keeper cannot work and try again until the database answers: "
					+ "java.lang.IllegalStateException: cut");
	}

	@Test
	void theEndIsToldByWhateverPartWorksNext() {
		this.claimer.failed(CUT);
		this.clock.addAndGet(SECOND);
		this.writer.failed(CUT);
		this.writer.succeeded();
		this.claimer.succeeded();
		assertThat(lines()).hasSize(2);
		this.clock.addAndGet(SECOND);
		this.keeper.succeeded();
		this.clock.addAndGet(SECOND);
		this.keeper.succeeded();
		assertThat(lines()).hasSize(3).last().isEqualTo("The writer and claimer work again");
	}

	@Test
	void whatPassesBeforeItMayBeToldIsCounted() {
		this.claimer.failed(CUT);
		for (int i = 0; i < 5; i++) {
			this.claimer.succeeded();
			this.claimer.failed(CUT);
		}
		this.clock.addAndGet(SECOND);
		this.claimer.failed(CUT);
		assertThat(lines()).hasSize(1);
		this.claimer.succeeded();
		assertThat(lines()).last()
			.isEqualTo("The claimer works again (5 interruptions have passed since the last line)");
	}

	@Test
	void partsOfTheSameNameAreNamedOnce() {
		this.writer.failed(CUT);
		this.claimer.failed(CUT);
		this.outages.part("claimer").failed(CUT);
		this.clock.addAndGet(SECOND);
		this.outages.tell();
		assertThat(lines()).last().asString().startsWith("The claimer cannot work and tries again");
	}

	@Test
	void aPartThatHasEndedIsNoLongerOfInterest() {
		this.writer.failed(CUT);
		this.claimer.failed(CUT);
		this.claimer.end();
		this.keeper.end();
		this.keeper.failed(CUT);
		this.clock.addAndGet(SECOND);
		this.outages.tell();
		assertThat(lines()).hasSize(1);
	}

	private List<String> lines() {
		return this.appender.list.stream().map(ILoggingEvent::getFormattedMessage).toList();
	}

}
