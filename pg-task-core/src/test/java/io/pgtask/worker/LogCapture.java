package io.pgtask.worker;

import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.concurrent.CopyOnWriteArrayList;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.ThrowableProxyUtil;
import ch.qos.logback.core.AppenderBase;
import org.jspecify.annotations.Nullable;
import org.slf4j.LoggerFactory;

/**
 * What the engine logs while this is open.
 */
final class LogCapture extends AppenderBase<ILoggingEvent> implements AutoCloseable {

	private final Logger logger = (Logger) LoggerFactory.getLogger("io.pgtask");

	private final List<ILoggingEvent> events = new CopyOnWriteArrayList<>();

	private final @Nullable Level before = this.logger.getLevel();

	private LogCapture() {
	}

	static LogCapture open() {
		return open(Level.INFO);
	}

	static LogCapture open(Level level) {
		LogCapture capture = new LogCapture();
		capture.logger.setLevel(level);
		capture.setContext(capture.logger.getLoggerContext());
		capture.start();
		capture.logger.addAppender(capture);
		return capture;
	}

	@Override
	protected void append(ILoggingEvent event) {
		event.getFormattedMessage();
		this.events.add(event);
	}

	/** Returns the lines of a level and above. */
	List<String> lines(Level level) {
		return this.events.stream()
			.filter((event) -> event.getLevel().isGreaterOrEqual(level))
			.map(ILoggingEvent::getFormattedMessage)
			.toList();
	}

	/** Returns the stack traces of the exceptions that were logged. */
	List<String> stacks() {
		return this.events.stream()
			.map(ILoggingEvent::getThrowableProxy)
			.filter(Objects::nonNull)
			.map(ThrowableProxyUtil::asString)
			.toList();
	}

	/** Returns how often each line was logged, at any level, by its first words. */
	Map<String, Integer> counts(int words) {
		Map<String, Integer> counts = new TreeMap<>();
		for (ILoggingEvent event : this.events) {
			String[] line = event.getFormattedMessage().split(" ", words + 1);
			counts.merge(String.join(" ", List.of(line).subList(0, Math.min(words, line.length))), 1, Integer::sum);
		}
		return counts;
	}

	@Override
	public void close() {
		this.logger.detachAppender(this);
		this.logger.setLevel(this.before);
		stop();
	}

}
