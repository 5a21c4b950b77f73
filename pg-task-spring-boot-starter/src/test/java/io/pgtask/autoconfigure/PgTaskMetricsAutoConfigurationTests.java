package io.pgtask.autoconfigure;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tag;
import io.micrometer.core.instrument.Timer;
import io.micrometer.core.instrument.observation.DefaultMeterObservationHandler;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.micrometer.observation.ObservationRegistry;
import io.pgtask.NextStep;
import io.pgtask.Step;
import io.pgtask.TaskClient;
import io.pgtask.TaskStep;
import io.pgtask.actuate.metrics.StepMetrics;
import io.pgtask.actuate.metrics.TaskMetrics;
import io.pgtask.actuate.metrics.WorkerMetrics;
import io.pgtask.test.TaskTableTest;
import io.pgtask.test.TestDatabase;
import io.pgtask.worker.Worker;
import org.junit.jupiter.api.Test;

import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.micrometer.metrics.autoconfigure.CompositeMeterRegistryAutoConfiguration;
import org.springframework.boot.micrometer.metrics.autoconfigure.MetricsAutoConfiguration;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.jdbc.core.JdbcTemplate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * Tests for {@link PgTaskMetricsAutoConfiguration}.
 */
@TaskTableTest
class PgTaskMetricsAutoConfigurationTests {

	private static final Path DOCUMENTATION = Path.of("..", "docs", "observability.md");

	private static final Pattern ROW = Pattern.compile("\\| `(pgtask\\.[^`]+)` \\| (\\w[\\w ]*) \\|([^|]*)\\|.*");

	private final JdbcTemplate jdbc;

	private final ApplicationContextRunner contextRunner;

	PgTaskMetricsAutoConfigurationTests(TestDatabase database) {
		this.jdbc = new JdbcTemplate(database.dataSource());
		this.contextRunner = PgTaskContexts.on(database)
			.withConfiguration(AutoConfigurations.of(MetricsAutoConfiguration.class,
					CompositeMeterRegistryAutoConfiguration.class, PgTaskMetricsAutoConfiguration.class))
			.withBean(SimpleMeterRegistry.class)
			.withUserConfiguration(ParcelSteps.class);
	}

	@Test
	void runsAreTimedByTypeStepAndOutcome() {
		this.contextRunner.run((context) -> {
			MeterRegistry registry = context.getBean(MeterRegistry.class);
			context.getBean(TaskClient.class).enqueue(new Parcel.Pack("book"));
			context.getBean(TaskClient.class).enqueue(new Parcel.Pack("glass"));
			await().untilAsserted(() -> {
				assertThat(runs(registry, "Pack", "next")).isEqualTo(1);
				assertThat(runs(registry, "Ship", "done")).isEqualTo(1);
				assertThat(runs(registry, "Pack", "retried")).isEqualTo(1);
				assertThat(runs(registry, "Pack", "errored")).isEqualTo(1);
			});
			assertThat(registry.get("pgtask.runs")
				.tag("step", "Pack")
				.tag("outcome", "next")
				.timer()
				.totalTime(TimeUnit.NANOSECONDS)).isPositive();
		});
	}

	@Test
	void claimsAndLeasesAreCounted() {
		this.contextRunner
			.withPropertyValues("pg-task.worker.lease-timeout=900ms", "pg-task.worker.heartbeat-interval=100ms")
			.run((context) -> {
				MeterRegistry registry = context.getBean(MeterRegistry.class);
				context.getBean(TaskClient.class).enqueue(new Parcel.Pack("slow"));
				await().untilAsserted(() -> {
					assertThat(registry.get("pgtask.leases.renewed").counter().count()).isPositive();
					assertThat(registry.get("pgtask.leases.claimed").counter().count()).isPositive();
					assertThat(registry.get("pgtask.claims").summary().totalAmount())
						.isEqualTo(registry.get("pgtask.leases.claimed").counter().count());
				});
			});
	}

	@Test
	void aLostLeaseIsCounted() {
		this.contextRunner
			.withPropertyValues("pg-task.worker.lease-timeout=900ms", "pg-task.worker.heartbeat-interval=100ms")
			.run((context) -> {
				context.getBean(TaskClient.class).enqueue(new Parcel.Pack("slow"));
				await().until(() -> this.jdbc
					.update("UPDATE pg_task SET locked_by = gen_random_uuid()" + " WHERE locked_by IS NOT NULL") == 1);
				await().untilAsserted(
						() -> assertThat(context.getBean(MeterRegistry.class).find("pgtask.leases.lost").counters())
							.isNotEmpty());
			});
	}

	@Test
	void theWorkerIsShown() {
		this.contextRunner.withPropertyValues("pg-task.worker.concurrency=3").run((context) -> {
			MeterRegistry registry = context.getBean(MeterRegistry.class);
			await().untilAsserted(() -> {
				assertThat(gauge(registry, "pgtask.worker.up")).isEqualTo(1);
				assertThat(gauge(registry, "pgtask.worker.listening")).isEqualTo(1);
				assertThat(gauge(registry, "pgtask.worker.present")).isEqualTo(1);
			});
			assertThat(gauge(registry, "pgtask.worker.concurrency")).isEqualTo(3);
			context.getBean(TaskClient.class).enqueue(new Parcel.Pack("slow"));
			await().untilAsserted(() -> assertThat(gauge(registry, "pgtask.worker.running")).isEqualTo(1));
			assertThat(gauge(registry, "pgtask.worker.waiting")).isZero();
			context.getBean(Worker.class).stop().join();
			assertThat(gauge(registry, "pgtask.worker.up")).isZero();
		});
	}

	@Test
	void tasksAreCountedByTypeAndStateAlsoOnAProducer() {
		this.contextRunner.withPropertyValues("pg-task.worker.enabled=false").run((context) -> {
			MeterRegistry registry = context.getBean(MeterRegistry.class);
			context.getBean(TaskClient.class).enqueue(new Parcel.Pack("book"));
			context.getBean(TaskClient.class).delay(new Parcel.Pack("book"), Duration.ofHours(1));
			assertThat(gauge(registry, "pgtask.tasks.count.age")).isNotNegative();
			assertThat(registry.get("pgtask.tasks").tags("type", "Parcel", "state", "ready").gauge().value())
				.isEqualTo(1);
			assertThat(registry.get("pgtask.tasks").tags("type", "Parcel", "state", "scheduled").gauge().value())
				.isEqualTo(1);
			assertThat(registry.get("pgtask.tasks.oldest").tag("type", "Parcel").gauge().value()).isPositive();
			assertThat(context).doesNotHaveBean(WorkerMetrics.class).doesNotHaveBean(StepMetrics.class);
		});
	}

	@Test
	void everyMeterIsDocumentedAndNoOther() {
		this.contextRunner.withConfiguration(AutoConfigurations.of(PgTaskObservationAutoConfiguration.class))
			.withUserConfiguration(ObservedMeters.class)
			.run((context) -> {
				MeterRegistry registry = context.getBean(MeterRegistry.class);
				context.getBean(TaskClient.class).enqueue(new Parcel.Pack("book"));
				context.getBean(StepMetrics.class).leaseLost("Parcel", "Pack");
				context.getBean(StepMetrics.class).stuck("Parcel", "Pack");
				await().untilAsserted(() -> assertThat(runs(registry, "Ship", "done")).isEqualTo(1));
				await().untilAsserted(() -> assertThat(registered(registry)).isEqualTo(documented()));
			});
	}

	@Test
	void withoutAMeterRegistryNothingIsMeasured() {
		new ApplicationContextRunner().withConfiguration(AutoConfigurations.of(PgTaskMetricsAutoConfiguration.class))
			.run((context) -> assertThat(context).hasNotFailed()
				.doesNotHaveBean(TaskMetrics.class)
				.doesNotHaveBean(StepMetrics.class));
	}

	private static double gauge(MeterRegistry registry, String name) {
		return registry.get(name).gauge().value();
	}

	private static long runs(MeterRegistry registry, String step, String outcome) {
		return registry.find("pgtask.runs")
			.tags("type", "Parcel", "step", step, "outcome", outcome)
			.timers()
			.stream()
			.mapToLong(Timer::count)
			.sum();
	}

	private static Set<String> registered(MeterRegistry registry) {
		return registry.getMeters()
			.stream()
			.map(Meter::getId)
			.filter((id) -> id.getName().startsWith("pgtask."))
			.map((id) -> describe(id.getName(), id.getType().name().toLowerCase(Locale.ROOT).replace('_', ' '),
					id.getTags().stream().map(Tag::getKey).collect(Collectors.toCollection(TreeSet::new))))
			.collect(Collectors.toCollection(TreeSet::new));
	}

	private static Set<String> documented() throws IOException {
		Set<String> documented = new TreeSet<>();
		for (String line : Files.readAllLines(DOCUMENTATION)) {
			Matcher row = ROW.matcher(line);
			if (row.matches()) {
				Set<String> tags = new TreeSet<>();
				Pattern.compile("`([^`]+)`").matcher(row.group(3)).results().forEach((tag) -> tags.add(tag.group(1)));
				documented.add(describe(row.group(1), row.group(2), tags));
			}
		}
		return documented;
	}

	private static String describe(String name, String type, Set<String> tags) {
		return name + " (" + type + ") " + tags;
	}

	sealed interface Parcel {

		record Pack(String content) implements Parcel {
		}

		record Ship(String content) implements Parcel {
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class ParcelSteps {

		@Bean
		@TaskStep(maxRetries = 1, retryDelay = "10ms")
		Step<Parcel, Parcel.Pack> pack() {
			return (state, context) -> switch (state.content()) {
				case "glass" -> throw new IllegalStateException("It broke");
				case "slow" -> {
					LockSupport.parkNanos(Duration.ofSeconds(2).toNanos());
					yield NextStep.done();
				}
				default -> NextStep.now(new Parcel.Ship(state.content()));
			};
		}

		@Bean
		@TaskStep
		Step<Parcel, Parcel.Ship> ship() {
			return (state, context) -> NextStep.done();
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class ObservedMeters {

		@Bean
		ObservationRegistry observationRegistry(SimpleMeterRegistry meters) {
			ObservationRegistry registry = ObservationRegistry.create();
			registry.observationConfig().observationHandler(new DefaultMeterObservationHandler(meters));
			return registry;
		}

	}

}
