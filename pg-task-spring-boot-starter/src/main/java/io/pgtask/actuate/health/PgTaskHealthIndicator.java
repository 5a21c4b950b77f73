package io.pgtask.actuate.health;

import java.time.Duration;

import io.pgtask.worker.Worker;
import io.pgtask.worker.WorkerSettings;
import io.pgtask.worker.WorkerStatus;
import org.jspecify.annotations.Nullable;

import org.springframework.boot.health.contributor.AbstractHealthIndicator;
import org.springframework.boot.health.contributor.Health;

/**
 * Tells whether this node's worker can work. It is down when the worker should work but
 * cannot: the database cannot be reached, leases are not renewed, or wake-ups do not
 * arrive, each for longer than a short outage takes. It is up when tasks fail, because a
 * restart mends no task, and when the worker was stopped on purpose.
 */
public class PgTaskHealthIndicator extends AbstractHealthIndicator {

	private final Worker worker;

	private final Duration outageTolerance;

	/**
	 * Create an indicator.
	 * @param worker the worker
	 * @param outageTolerance how long the database or the connection for wake-ups may be
	 * away
	 */
	public PgTaskHealthIndicator(Worker worker, Duration outageTolerance) {
		super("The state of the pg-task worker is unknown");
		this.worker = worker;
		this.outageTolerance = outageTolerance;
	}

	@Override
	protected void doHealthCheck(Health.Builder builder) {
		WorkerStatus status = this.worker.status();
		String problem = problemOf(status, this.worker.settings());
		if (problem != null) {
			builder.down().withDetail("problem", problem);
		}
		else {
			builder.up();
		}
		addDetails(builder, status);
	}

	private @Nullable String problemOf(WorkerStatus status, WorkerSettings settings) {
		if (status.state() == WorkerStatus.State.STOPPED) {
			return null;
		}
		if (isLonger(status.sinceContact(), this.outageTolerance.plus(settings.pollInterval()))) {
			return "The worker has not heard from the database for " + seconds(status.sinceContact());
		}
		if (isLonger(status.sinceHeartbeat(), settings.leaseTimeout())) {
			return "The worker has renewed no lease for " + seconds(status.sinceHeartbeat())
					+ ", longer than leases last";
		}
		if (isLonger(status.listenerDown(), this.outageTolerance)) {
			return "The worker cannot listen for wake-ups since " + seconds(status.listenerDown())
					+ " and finds tasks by polling only";
		}
		return null;
	}

	private void addDetails(Health.Builder builder, WorkerStatus status) {
		builder.withDetail("worker", status.state())
			.withDetail("running", status.running())
			.withDetail("waiting", status.waiting())
			.withDetail("concurrency", this.worker.settings().concurrency())
			.withDetail("listening", status.listening())
			.withDetail("present", status.present())
			.withDetail("observing", status.observing());
		addDetail(builder, "workerId", status.workerId());
		addDetail(builder, "sinceContact", status.sinceContact());
		addDetail(builder, "sinceHeartbeat", status.sinceHeartbeat());
		addDetail(builder, "listenerDown", status.listenerDown());
		addDetail(builder, "trouble", status.trouble());
		addDetail(builder, "pausedTypes", status.pausedTypes().isEmpty() ? null : status.pausedTypes());
	}

	private static void addDetail(Health.Builder builder, String name, @Nullable Object value) {
		if (value != null) {
			builder.withDetail(name, value);
		}
	}

	private static boolean isLonger(@Nullable Duration duration, Duration limit) {
		return duration != null && duration.compareTo(limit) > 0;
	}

	private static String seconds(@Nullable Duration duration) {
		return (duration != null) ? duration.toSeconds() + " s" : "an unknown time";
	}

}
