package io.pgtask.outages;

import java.util.ArrayList;
import java.util.List;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import org.slf4j.LoggerFactory;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * What the engine logs while this is open, without the starts and stops of workers.
 */
final class EngineLog implements AutoCloseable {

	/** A line is written a moment after it was allowed. */
	private static final long SHORTEST_GAP_MILLIS = 700;

	private final Logger logger = (Logger) LoggerFactory.getLogger("io.pgtask");

	private final ListAppender<ILoggingEvent> appender = new ListAppender<>();

	private EngineLog() {
		this.appender.start();
		this.logger.addAppender(this.appender);
	}

	static EngineLog open() {
		return new EngineLog();
	}

	List<String> lines() {
		return events().stream().map(ILoggingEvent::getFormattedMessage).toList();
	}

	/** Asserts that the engine has told of the outage, with a line a second at most. */
	void assertTellsWithoutFlooding() {
		List<ILoggingEvent> events = events();
		assertThat(events).as("lines").isNotEmpty();
		List<String> tooSoon = new ArrayList<>();
		for (int i = 1; i < events.size(); i++) {
			long gap = events.get(i).getTimeStamp() - events.get(i - 1).getTimeStamp();
			if (gap < SHORTEST_GAP_MILLIS) {
				tooSoon.add(events.get(i).getFormattedMessage() + " [" + gap + " ms after the line before]");
			}
		}
		assertThat(tooSoon).as("lines that follow the one before by less than a second").isEmpty();
		long seconds = (events.get(events.size() - 1).getTimeStamp() - events.get(0).getTimeStamp()) / 1000;
		assertThat(events).as("lines in %s s", seconds).hasSizeLessThanOrEqualTo((int) seconds + 2);
	}

	private List<ILoggingEvent> events() {
		synchronized (this.appender) {
			return this.appender.list.stream()
				.filter((event) -> event.getLevel().isGreaterOrEqual(Level.INFO))
				.filter((event) -> !event.getLoggerName().endsWith("WorkerRun"))
				.toList();
		}
	}

	@Override
	public void close() {
		this.logger.detachAppender(this.appender);
		this.appender.stop();
	}

}
