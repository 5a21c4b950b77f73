package io.pgtask.worker;

import java.sql.SQLException;
import java.time.Duration;
import java.util.concurrent.ThreadLocalRandom;

import io.pgtask.store.OutageLog;
import org.jspecify.annotations.Nullable;

/**
 * The trouble one part of the engine has with the database: has it logged, and tells how
 * long to wait before the next try.
 */
final class Outage {

	private static final Duration FIRST_PAUSE = Duration.ofMillis(100);

	private static final Duration LONGEST_PAUSE = Duration.ofSeconds(2);

	private final OutageLog.Part part;

	private volatile @Nullable String trouble;

	private int failures;

	Outage(String part) {
		this.part = OutageLog.PROCESS.part(part);
	}

	/**
	 * A statement failed.
	 * @param failure the failure
	 * @return how long to wait before the next try; random, so that the workers of a
	 * fleet do not come back all at once
	 */
	Duration failed(Throwable failure) {
		this.part.failed(failure);
		this.trouble = describe(failure);
		double growth = Math.pow(2, Math.min(this.failures++, 10));
		double pause = Math.min(FIRST_PAUSE.toMillis() * growth, LONGEST_PAUSE.toMillis());
		return Duration.ofMillis(Math.round(pause * (0.5 + ThreadLocalRandom.current().nextDouble() / 2)));
	}

	/**
	 * A statement succeeded.
	 * @return whether that is the end of the trouble
	 */
	boolean succeeded() {
		this.part.succeeded();
		if (this.trouble == null) {
			return false;
		}
		this.trouble = null;
		this.failures = 0;
		return true;
	}

	/** The part has ended. */
	void end() {
		this.part.end();
	}

	@Nullable String trouble() {
		return this.trouble;
	}

	private static String describe(Throwable failure) {
		String state = (failure instanceof SQLException ex) ? ex.getSQLState() : null;
		return (state != null) ? failure.getMessage() + " (SQLSTATE " + state + ")" : failure.toString();
	}

}
