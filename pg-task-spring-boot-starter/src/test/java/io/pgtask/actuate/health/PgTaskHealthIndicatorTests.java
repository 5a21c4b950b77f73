package io.pgtask.actuate.health;

import java.time.Duration;
import java.util.Set;

import io.pgtask.worker.Worker;
import io.pgtask.worker.WorkerSettings;
import io.pgtask.worker.WorkerStatus;
import io.pgtask.worker.WorkerStatus.State;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.Status;

import static org.assertj.core.api.Assertions.assertThat;
import static org.mockito.BDDMockito.given;
import static org.mockito.Mockito.mock;

/**
 * Tests for {@link PgTaskHealthIndicator}. A real worker only gets into most of these
 * states after minutes.
 */
class PgTaskHealthIndicatorTests {

	private static final Duration TOLERANCE = Duration.ofMinutes(1);

	private static final Duration RECENTLY = Duration.ofSeconds(2);

	private final Worker worker = mock(Worker.class);

	private final PgTaskHealthIndicator indicator = new PgTaskHealthIndicator(this.worker, TOLERANCE);

	PgTaskHealthIndicatorTests() {
		given(this.worker.settings()).willReturn(WorkerSettings.DEFAULT);
	}

	@Test
	void aWorkerThatWorksIsUpWithDetails() {
		Health health = healthOf(State.RUNNING, RECENTLY, RECENTLY, null, null);
		assertThat(health.getStatus()).isEqualTo(Status.UP);
		assertThat(health.getDetails()).containsEntry("worker", State.RUNNING)
			.containsEntry("running", 3)
			.containsEntry("waiting", 2)
			.containsEntry("concurrency", 6)
			.containsEntry("listening", true)
			.containsEntry("present", true)
			.containsEntry("observing", false)
			.containsEntry("workerId", "abc")
			.containsEntry("sinceContact", RECENTLY)
			.containsEntry("sinceHeartbeat", RECENTLY)
			.doesNotContainKeys("problem", "trouble", "listenerDown");
	}

	@Test
	void aWorkerThatWasStoppedOnPurposeIsUp() {
		Health health = healthOf(State.STOPPED, null, null, null, null);
		assertThat(health.getStatus()).isEqualTo(Status.UP);
		assertThat(health.getDetails()).containsEntry("worker", State.STOPPED);
	}

	@Test
	void aWorkerThatStopsIsUp() {
		assertThat(healthOf(State.STOPPING, RECENTLY, RECENTLY, null, null).getStatus()).isEqualTo(Status.UP);
	}

	@Test
	void aShortOutageIsUpAndShowsTheTrouble() {
		Health health = healthOf(State.PAUSED, Duration.ofSeconds(59), RECENTLY, null, "connection refused");
		assertThat(health.getStatus()).isEqualTo(Status.UP);
		assertThat(health.getDetails()).containsEntry("trouble", "connection refused");
	}

	@Test
	void aLongOutageIsDown() {
		Health health = healthOf(State.PAUSED, TOLERANCE.plusSeconds(11), RECENTLY, null, "connection refused");
		assertThat(health.getStatus()).isEqualTo(Status.DOWN);
		assertThat(health.getDetails()).containsEntry("problem", "The worker has not heard from the database for 71 s");
	}

	@Test
	void aLongPollIntervalIsNoOutage() {
		given(this.worker.settings()).willReturn(WorkerSettings.DEFAULT.withPollInterval(Duration.ofMinutes(5)));
		assertThat(healthOf(State.RUNNING, Duration.ofMinutes(4), RECENTLY, null, null).getStatus())
			.isEqualTo(Status.UP);
	}

	@Test
	void aStaleHeartbeatIsDown() {
		Health health = healthOf(State.RUNNING, RECENTLY, Duration.ofSeconds(61), null, null);
		assertThat(health.getStatus()).isEqualTo(Status.DOWN);
		assertThat(health.getDetails().get("problem")).asString().contains("has renewed no lease for 61 s");
	}

	@Test
	void aListenerThatIsLostForAMomentIsUp() {
		assertThat(healthOf(State.RUNNING, RECENTLY, RECENTLY, Duration.ofSeconds(59), null).getStatus())
			.isEqualTo(Status.UP);
	}

	@Test
	void aListenerThatIsLostForLongIsDown() {
		Health health = healthOf(State.RUNNING, RECENTLY, RECENTLY, Duration.ofSeconds(61), null);
		assertThat(health.getStatus()).isEqualTo(Status.DOWN);
		assertThat(health.getDetails().get("problem")).asString().contains("cannot listen for wake-ups since 61 s");
	}

	private Health healthOf(State state, @Nullable Duration sinceContact, @Nullable Duration sinceHeartbeat,
			@Nullable Duration listenerDown, @Nullable String trouble) {
		String workerId = (state != State.STOPPED) ? "abc" : null;
		given(this.worker.status()).willReturn(new WorkerStatus(state, workerId, 3, 2, sinceContact, sinceHeartbeat,
				listenerDown == null, listenerDown, trouble, Set.of(), true, false));
		Health health = this.indicator.health();
		assertThat(health).isNotNull();
		return health;
	}

}
