package io.pgtask.worker;

import java.time.Duration;

import io.pgtask.PgTaskConfigurationException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * Tests for {@link WorkerSettings}.
 */
class WorkerSettingsTests {

	private static final WorkerSettings DEFAULT = WorkerSettings.DEFAULT;

	private static final Duration FOREVER = Duration.ofSeconds(Long.MAX_VALUE);

	@Test
	void theDefaultsAreThoseOfTheRustLibrary() {
		assertThat(DEFAULT.leaseTimeout()).isEqualTo(Duration.ofSeconds(60));
		assertThat(DEFAULT.heartbeatInterval()).isEqualTo(Duration.ofSeconds(20));
	}

	@ParameterizedTest
	@ValueSource(longs = { 0, -1 })
	void aLeaseMustBeLongerThanZero(long nanos) {
		assertRefused(() -> DEFAULT.withLease(Duration.ofNanos(nanos), Duration.ofNanos(1)),
				"lease timeout must be longer than zero", "pg-task.worker.lease-timeout");
	}

	@ParameterizedTest
	@ValueSource(longs = { 0, -1 })
	void aHeartbeatIntervalMustBeLongerThanZero(long nanos) {
		assertRefused(() -> DEFAULT.withLease(Duration.ofSeconds(60), Duration.ofNanos(nanos)),
				"heartbeat interval must be longer than zero", "pg-task.worker.heartbeat-interval");
	}

	@ParameterizedTest
	@ValueSource(longs = { 19, 20 })
	void aLeaseMustBeLongerThanTheHeartbeatInterval(long seconds) {
		assertRefused(() -> DEFAULT.withLease(Duration.ofSeconds(seconds), Duration.ofSeconds(20)),
				"(PT20S) is not shorter than its lease (PT" + seconds + "S)", "pg-task.worker.heartbeat-interval");
	}

	@ParameterizedTest
	@ValueSource(longs = { 60, 61 })
	void aHeartbeatIntervalMustBeShorterThanTheLease(long seconds) {
		assertRefused(() -> DEFAULT.withLease(Duration.ofSeconds(60), Duration.ofSeconds(seconds)),
				"(PT1M" + ((seconds > 60) ? "1S" : "") + ") is not shorter than its lease (PT1M)",
				"pg-task.worker.heartbeat-interval");
	}

	@Test
	void everyOtherSettingHasItsBoundToo() {
		assertRefused(() -> DEFAULT.withConcurrency(0), "concurrency must be 1 or more but is 0",
				"pg-task.worker.concurrency");
		assertRefused(() -> DEFAULT.withPollInterval(Duration.ZERO), "poll interval must be longer than zero",
				"pg-task.worker.poll-interval");
		assertRefused(() -> DEFAULT.withShutdownTimeout(Duration.ofNanos(-1)), "shutdown timeout must not be negative",
				"pg-task.worker.shutdown-timeout");
		assertRefused(() -> DEFAULT.withMaxDeliveries(0), "maximum of deliveries must be 1 or more but is 0",
				"pg-task.worker.max-deliveries");
	}

	@Test
	void durationsBeyondAllBoundsAreLongOnes() {
		WorkerSettings settings = DEFAULT.withLease(FOREVER, Duration.ofSeconds(20))
			.withPollInterval(FOREVER)
			.withShutdownTimeout(FOREVER);
		assertThat(settings.leaseTimeout()).isEqualTo(settings.pollInterval())
			.isEqualTo(settings.shutdownTimeout())
			.isEqualTo(Duration.ofDays(36500));
		assertThat(settings.heartbeatInterval()).isEqualTo(Duration.ofSeconds(20));
	}

	@Test
	void anIdleWorkerAsksEveryTenSeconds() {
		assertThat(DEFAULT.pollInterval()).isEqualTo(Duration.ofSeconds(10));
	}

	@Test
	void theDefaultsLeaveEveryStepAConnectionOfHikarisDefaultPool() {
		int hikarisDefault = 10;
		assertThat(DEFAULT.connections() + DEFAULT.concurrency()).isLessThanOrEqualTo(hikarisDefault);
	}

	@Test
	void aWorkerThatListensHoldsAConnectionMore() {
		assertThat(DEFAULT.withListen(true).connections()).isEqualTo(4);
		assertThat(DEFAULT.withListen(false).connections()).isEqualTo(3);
	}

	private static void assertRefused(Runnable change, String message, String property) {
		assertThatExceptionOfType(PgTaskConfigurationException.class).isThrownBy(change::run)
			.withMessageContaining(message)
			.satisfies((ex) -> assertThat(ex.getAction()).contains(property));
	}

}
