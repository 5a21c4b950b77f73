package io.pgtask.actuate.metrics;

import java.time.Duration;
import java.util.concurrent.TimeUnit;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.pgtask.worker.StepOutcome;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatNoException;

/**
 * Tests for {@link StepMetrics}.
 */
class StepMetricsTests {

	private final MeterRegistry registry = new SimpleMeterRegistry();

	private final StepMetrics metrics = new StepMetrics();

	StepMetricsTests() {
		this.metrics.bindTo(this.registry);
	}

	@Test
	void everyOutcomeIsATagOfItsOwn() {
		for (StepOutcome outcome : StepOutcome.values()) {
			this.metrics.finished("Greeter", "ReadName", outcome, Duration.ofMillis(3));
		}
		assertThat(this.registry.get("pgtask.runs").timers()).hasSameSizeAs(StepOutcome.values())
			.allSatisfy((timer) -> assertThat(timer.totalTime(TimeUnit.MILLISECONDS)).isEqualTo(3));
		assertThat(this.registry.get("pgtask.runs").tag("outcome", "given_back").timer().count()).isOne();
	}

	@Test
	void claimsThatTookNothingDoNotCountAsBatches() {
		this.metrics.claimed(0);
		this.metrics.claimed(5);
		this.metrics.claimed(3);
		assertThat(this.registry.get("pgtask.claims.empty").counter().count()).isEqualTo(1);
		assertThat(this.registry.get("pgtask.claims").summary().count()).isEqualTo(2);
		assertThat(this.registry.get("pgtask.claims").summary().max()).isEqualTo(5);
		assertThat(this.registry.get("pgtask.leases.claimed").counter().count()).isEqualTo(8);
	}

	@Test
	void theTasksOfDeadWorkersAreCounted() {
		this.metrics.takenOver(3);
		this.metrics.takenOver(2);
		assertThat(this.registry.get("pgtask.leases.freed").counter().count()).isEqualTo(5);
	}

	@Test
	void aRowWithoutAStepIsCountedAsNone() {
		this.metrics.finished("Greeter", "", StepOutcome.ERRORED, Duration.ZERO);
		this.metrics.leaseLost("Greeter", "");
		this.metrics.stuck("Greeter", "ReadName");
		assertThat(this.registry.get("pgtask.runs.stuck").tag("step", "ReadName").counter().count()).isEqualTo(1);
		assertThat(this.registry.get("pgtask.runs").tag("step", "none").timer().count()).isOne();
		assertThat(this.registry.get("pgtask.leases.lost").tag("step", "none").counter().count()).isEqualTo(1);
	}

	@Test
	void severalRegistriesAreFilled() {
		MeterRegistry other = new SimpleMeterRegistry();
		this.metrics.bindTo(other);
		this.metrics.renewed(4);
		assertThat(this.registry.get("pgtask.leases.renewed").counter().count()).isEqualTo(4);
		assertThat(other.get("pgtask.leases.renewed").counter().count()).isEqualTo(4);
	}

	@Test
	void aWorkerMayRunBeforeTheRegistryIsThere() {
		assertThatNoException().isThrownBy(() -> new StepMetrics().claimed(1));
	}

}
