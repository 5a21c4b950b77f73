package io.pgtask.actuate.metrics;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.pgtask.TaskAdmin;
import io.pgtask.TaskCount;
import io.pgtask.TaskState;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import org.springframework.dao.TransientDataAccessResourceException;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.mockito.BDDMockito.given;
import static org.mockito.BDDMockito.then;
import static org.mockito.Mockito.mock;
import static org.mockito.Mockito.times;

/**
 * Tests for {@link TaskMetrics}.
 */
class TaskMetricsTests {

	private static final Duration LONG = Duration.ofHours(1);

	private static final Duration SHORT = Duration.ofNanos(1);

	private final TaskAdmin admin = mock(TaskAdmin.class);

	private final MeterRegistry registry = new SimpleMeterRegistry();

	private TaskMetrics metrics = new TaskMetrics(this.admin, LONG, List.of("Greeter"));

	@AfterEach
	void close() {
		this.metrics.close();
	}

	@Test
	void oneQueryFillsAllGauges() {
		given(this.admin.counts())
			.willReturn(List.of(new TaskCount("Greeter", TaskState.READY, 7, Duration.ofMillis(1500)),
					new TaskCount("Greeter", TaskState.ERRORED, 2, null)));
		bind(LONG);
		assertThat(tasks("Greeter", "ready")).isEqualTo(7);
		assertThat(tasks("Greeter", "scheduled")).isZero();
		assertThat(tasks("Greeter", "running")).isZero();
		assertThat(tasks("Greeter", "errored")).isEqualTo(2);
		assertThat(oldest("Greeter")).isEqualTo(1.5);
		assertThat(this.registry.get("pgtask.tasks.count.age").gauge().value()).isBetween(0.0, 60.0);
		then(this.admin).should(times(1)).counts();
	}

	@Test
	void nothingIsQueriedUntilSomebodyReads() {
		bind(LONG);
		then(this.admin).shouldHaveNoInteractions();
	}

	@Test
	void countsAreQueriedAgainWhenTheyAreTooOld() {
		given(this.admin.counts()).willReturn(List.of(new TaskCount("Greeter", TaskState.READY, 7, Duration.ZERO)),
				List.of(new TaskCount("Greeter", TaskState.READY, 8, Duration.ZERO)));
		bind(SHORT);
		assertThat(tasks("Greeter", "ready")).isEqualTo(7);
		await().untilAsserted(() -> assertThat(tasks("Greeter", "ready")).isEqualTo(8));
	}

	@Test
	void aTypeThatIsNotKnownHereAppearsOnceItIsCounted() {
		given(this.admin.counts()).willReturn(List.of(new TaskCount("Foreign", TaskState.READY, 3, Duration.ZERO),
				new TaskCount(null, TaskState.ERRORED, 1, null)));
		bind(LONG);
		assertThat(this.registry.find("pgtask.tasks").tag("type", "Foreign").gauges()).isEmpty();
		this.registry.get("pgtask.tasks.count.age").gauge().value();
		assertThat(tasks("Foreign", "ready")).isEqualTo(3);
		assertThat(tasks("none", "errored")).isEqualTo(1);
	}

	@Test
	void aTypeWithoutTasksGoesToZeroInsteadOfDisappearing() {
		given(this.admin.counts())
			.willReturn(List.of(new TaskCount("Foreign", TaskState.READY, 3, Duration.ofSeconds(9))), List.of());
		bind(SHORT);
		this.registry.get("pgtask.tasks.count.age").gauge().value();
		await().untilAsserted(() -> assertThat(tasks("Foreign", "ready")).isZero());
		assertThat(oldest("Foreign")).isZero();
	}

	@Test
	void countsAreUnknownWhenTheDatabaseRefuses() {
		given(this.admin.counts()).willThrow(new TransientDataAccessResourceException("gone"))
			.willReturn(List.of(new TaskCount("Greeter", TaskState.READY, 7, Duration.ZERO)));
		bind(SHORT);
		assertThat(tasks("Greeter", "ready")).isNaN();
		await().untilAsserted(() -> assertThat(tasks("Greeter", "ready")).isEqualTo(7));
	}

	@Test
	void readersDoNotHangWithTheDatabase() throws InterruptedException {
		CountDownLatch answer = new CountDownLatch(1);
		given(this.admin.counts()).willAnswer((call) -> {
			answer.await();
			return List.of(new TaskCount("Greeter", TaskState.READY, 7, Duration.ZERO));
		});
		bind(LONG);
		long start = System.nanoTime();
		this.registry.getMeters().forEach(TaskMetricsTests::read);
		assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(10));
		answer.countDown();
		await().atMost(10, TimeUnit.SECONDS).untilAsserted(() -> assertThat(tasks("Greeter", "ready")).isEqualTo(7));
	}

	private void bind(Duration interval) {
		this.metrics = new TaskMetrics(this.admin, interval, List.of("Greeter"));
		this.metrics.bindTo(this.registry);
	}

	private double tasks(String type, String state) {
		return this.registry.get("pgtask.tasks").tag("type", type).tag("state", state).gauge().value();
	}

	private double oldest(String type) {
		return this.registry.get("pgtask.tasks.oldest").tag("type", type).gauge().value();
	}

	private static void read(Meter meter) {
		assertThat(((Gauge) meter).value()).isNaN();
	}

}
