package io.pgtask.worker;

import java.sql.SQLException;
import java.time.Duration;
import java.util.concurrent.ThreadLocalRandom;

import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The trouble one part of the engine has with the database: logs when it begins and when
 * it ends, and tells how long to wait before the next try.
 */
final class Outage {

	private static final Logger logger = LoggerFactory.getLogger(Outage.class);

	private static final Duration FIRST_PAUSE = Duration.ofMillis(100);

	private static final Duration LONGEST_PAUSE = Duration.ofSeconds(2);

	private final String part;

	private volatile @Nullable String trouble;

	private int failures;

	Outage(String part) {
		this.part = part;
	}

	/**
	 * A statement failed.
	 * @param failure the failure
	 * @return how long to wait before the next try; random, so that the workers of a
	 * fleet do not come back all at once
	 */
	Duration failed(Throwable failure) {
		if (this.trouble == null) {
			logger.warn("The {} cannot work and tries again until the database answers: {}", this.part,
					failure.toString());
			logger.debug("The failure of the {}", this.part, failure);
		}
		this.trouble = describe(failure);
		double growth = Math.pow(2, Math.min(this.failures++, 10));
		double pause = Math.min(FIRST_PAUSE.toMillis() * growth, LONGEST_PAUSE.toMillis());
		return Duration.ofMillis(Math.round(pause * (0.5 + ThreadLocalRandom.current().nextDouble() / 2)));
	}

	/** A statement succeeded. */
	void succeeded() {
		if (this.trouble != null) {
			this.trouble = null;
			this.failures = 0;
			logger.info("The {} works again", this.part);
		}
	}

	@Nullable String trouble() {
		return this.trouble;
	}

	private static String describe(Throwable failure) {
		String state = (failure instanceof SQLException ex) ? ex.getSQLState() : null;
		return (state != null) ? failure.getMessage() + " (SQLSTATE " + state + ")" : failure.toString();
	}

}
