package io.pgtask.autoconfigure;

import java.util.List;

import io.micrometer.common.KeyValues;
import io.micrometer.observation.ObservationHandler.FirstMatchingCompositeObservationHandler;
import io.micrometer.observation.ObservationRegistry;
import io.micrometer.observation.tck.TestObservationRegistry;
import io.micrometer.observation.tck.TestObservationRegistryAssert;
import io.micrometer.tracing.Span;
import io.micrometer.tracing.Tracer;
import io.micrometer.tracing.handler.DefaultTracingObservationHandler;
import io.micrometer.tracing.handler.PropagatingReceiverTracingObservationHandler;
import io.micrometer.tracing.handler.PropagatingSenderTracingObservationHandler;
import io.micrometer.tracing.otel.bridge.OtelCurrentTraceContext;
import io.micrometer.tracing.otel.bridge.OtelPropagator;
import io.micrometer.tracing.otel.bridge.OtelTracer;
import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.api.trace.propagation.W3CTraceContextPropagator;
import io.opentelemetry.context.propagation.ContextPropagators;
import io.opentelemetry.sdk.testing.exporter.InMemorySpanExporter;
import io.opentelemetry.sdk.trace.SdkTracerProvider;
import io.opentelemetry.sdk.trace.data.SpanData;
import io.opentelemetry.sdk.trace.export.SimpleSpanProcessor;
import io.pgtask.NextStep;
import io.pgtask.Step;
import io.pgtask.TaskClient;
import io.pgtask.TaskStep;
import io.pgtask.observation.DefaultEnqueueObservationConvention;
import io.pgtask.observation.DefaultStepObservationConvention;
import io.pgtask.observation.EnqueueObservationContext;
import io.pgtask.observation.ObservationHeadersContributor;
import io.pgtask.observation.ObservationStepInterceptor;
import io.pgtask.observation.StepObservationContext;
import io.pgtask.test.TaskTableTest;
import io.pgtask.test.TestDatabase;
import org.junit.jupiter.api.Test;

import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.jdbc.core.JdbcTemplate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * Tests for {@link PgTaskObservationAutoConfiguration}.
 */
@TaskTableTest
class PgTaskObservationAutoConfigurationTests {

	private final JdbcTemplate jdbc;

	private final TestObservationRegistry registry = TestObservationRegistry.create();

	private final ApplicationContextRunner contextRunner;

	PgTaskObservationAutoConfigurationTests(TestDatabase database) {
		this.jdbc = new JdbcTemplate(database.dataSource());
		this.contextRunner = PgTaskContexts.on(database)
			.withConfiguration(AutoConfigurations.of(PgTaskObservationAutoConfiguration.class))
			.withUserConfiguration(ParcelSteps.class);
	}

	@Test
	void everyExecutionOfAStepIsObserved() {
		withRegistry().run((context) -> {
			String id = context.getBean(TaskClient.class).enqueue(new Parcel.Pack("book")).toString();
			awaitTasks(0);
			observation("pgtask.enqueue", 1).hasContextualNameEqualTo("enqueue Parcel")
				.hasLowCardinalityKeyValue("pgtask.type", "Parcel")
				.hasLowCardinalityKeyValue("pgtask.step", "Pack");
			TestObservationRegistryAssert.assertThat(this.registry)
				.hasNumberOfObservationsWithNameEqualTo("pgtask.step", 2)
				.hasAnObservation((observation) -> observation.hasContextualNameEqualTo("Parcel Pack")
					.hasLowCardinalityKeyValue("pgtask.type", "Parcel")
					.hasLowCardinalityKeyValue("pgtask.step", "Pack")
					.hasLowCardinalityKeyValue("pgtask.outcome", "next")
					.hasHighCardinalityKeyValue("pgtask.id", id)
					.hasHighCardinalityKeyValue("pgtask.attempt", "1")
					.hasHighCardinalityKeyValue("pgtask.delivery", "1"))
				.hasAnObservation((observation) -> observation.hasContextualNameEqualTo("Parcel Ship")
					.hasLowCardinalityKeyValue("pgtask.outcome", "done"));
		});
	}

	@Test
	void aFailedExecutionIsObservedWithItsError() {
		withRegistry().run((context) -> {
			context.getBean(TaskClient.class).enqueue(new Parcel.Pack("glass"));
			await().untilAsserted(() -> assertThat(
					this.jdbc.queryForObject("SELECT count(*) FROM pg_task WHERE error IS NOT NULL", Integer.class))
				.isOne());
			observation("pgtask.step", 1).hasLowCardinalityKeyValue("pgtask.outcome", "failed")
				.thenError()
				.hasMessage("It broke");
		});
	}

	@Test
	void conventionsCanBeReplaced() {
		withRegistry().withUserConfiguration(OwnConventions.class).run((context) -> {
			context.getBean(TaskClient.class).enqueue(new Parcel.Ship("book"));
			awaitTasks(0);
			observation("mine.enqueue", 1);
			observation("mine.step", 1).hasLowCardinalityKeyValue("mine", "yes");
		});
	}

	@Test
	void stepsRunInTheTraceInWhichTheirTaskWasEnqueued() {
		this.contextRunner.withUserConfiguration(OtelTracing.class).run((context) -> {
			Span request = context.getBean(Tracer.class).nextSpan().name("request").start();
			try (Tracer.SpanInScope scope = context.getBean(Tracer.class).withSpan(request)) {
				context.getBean(TaskClient.class).enqueue(new Parcel.Pack("book"));
			}
			finally {
				request.end();
			}
			awaitTasks(0);
			List<SpanData> spans = awaitSpans(context.getBean(InMemorySpanExporter.class), "request", "enqueue Parcel",
					"Parcel Pack", "Parcel Ship");
			assertThat(spans).extracting(SpanData::getTraceId).containsOnly(request.context().traceId());
			SpanData enqueue = named("enqueue Parcel", spans);
			assertThat(enqueue.getParentSpanId()).isEqualTo(request.context().spanId());
			assertThat(enqueue.getKind()).isEqualTo(SpanKind.PRODUCER);
			assertThat(named("Parcel Pack", spans).getParentSpanId()).isEqualTo(enqueue.getSpanId());
			assertThat(named("Parcel Pack", spans).getKind()).isEqualTo(SpanKind.CONSUMER);
			assertThat(named("Parcel Ship", spans).getParentSpanId()).isEqualTo(enqueue.getSpanId());
		});
	}

	@Test
	void aTaskThatIsEnqueuedByAStepIsInTheTraceOfTheStep() {
		this.contextRunner.withUserConfiguration(OtelTracing.class, NestedStep.class).run((context) -> {
			context.getBean(TaskClient.class).enqueue(new Order());
			List<SpanData> spans = awaitSpans(context.getBean(InMemorySpanExporter.class), "enqueue Order",
					"Order Order", "enqueue Parcel", "Parcel Ship");
			assertThat(spans).extracting(SpanData::getTraceId).containsOnly(spans.get(0).getTraceId());
			assertThat(named("enqueue Parcel", spans).getParentSpanId())
				.isEqualTo(named("Order Order", spans).getSpanId());
		});
	}

	@Test
	void withoutTracingTasksHaveNoHeaders() {
		withRegistry().withPropertyValues("pg-task.worker.enabled=false").run((context) -> {
			context.getBean(TaskClient.class).enqueue(new Parcel.Pack("book"));
			assertThat(this.jdbc.queryForObject("SELECT headers FROM pg_task", String.class)).isNull();
		});
	}

	@Test
	void withoutARegistryNothingIsObserved() {
		this.contextRunner.run((context) -> assertThat(context).doesNotHaveBean(ObservationStepInterceptor.class)
			.doesNotHaveBean(ObservationHeadersContributor.class));
	}

	private ApplicationContextRunner withRegistry() {
		return this.contextRunner.withBean(ObservationRegistry.class, () -> this.registry);
	}

	private TestObservationRegistryAssert.TestObservationRegistryAssertReturningObservationContextAssert observation(
			String name, int times) {
		return TestObservationRegistryAssert.assertThat(this.registry)
			.hasNumberOfObservationsWithNameEqualTo(name, times)
			.hasObservationWithNameEqualTo(name)
			.that()
			.hasBeenStarted()
			.hasBeenStopped();
	}

	private static List<SpanData> awaitSpans(InMemorySpanExporter exporter, String... names) {
		await().untilAsserted(() -> assertThat(exporter.getFinishedSpanItems()).extracting(SpanData::getName)
			.containsExactlyInAnyOrder(names));
		return exporter.getFinishedSpanItems();
	}

	private static SpanData named(String name, List<SpanData> spans) {
		return spans.stream().filter((span) -> span.getName().equals(name)).findFirst().orElseThrow();
	}

	private void awaitTasks(int expected) {
		await().untilAsserted(() -> assertThat(this.jdbc.queryForObject("SELECT count(*) FROM pg_task", Integer.class))
			.isEqualTo(expected));
	}

	sealed interface Parcel {

		record Pack(String content) implements Parcel {
		}

		record Ship(String content) implements Parcel {
		}

	}

	record Order() {
	}

	@Configuration(proxyBeanMethods = false)
	static class ParcelSteps {

		@Bean
		@TaskStep
		Step<Parcel, Parcel.Pack> pack() {
			return (state, context) -> {
				if (state.content().equals("glass")) {
					throw new IllegalStateException("It broke");
				}
				return NextStep.now(new Parcel.Ship(state.content()));
			};
		}

		@Bean
		@TaskStep
		Step<Parcel, Parcel.Ship> ship() {
			return (state, context) -> NextStep.done();
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class NestedStep {

		@Bean
		@TaskStep
		Step<Order, Order> order(TaskClient tasks) {
			return (state, context) -> {
				tasks.enqueue(new Parcel.Ship("book"));
				return NextStep.done();
			};
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class OwnConventions {

		@Bean
		DefaultEnqueueObservationConvention enqueueConvention() {
			return new DefaultEnqueueObservationConvention() {

				@Override
				public String getName() {
					return "mine.enqueue";
				}

				@Override
				public KeyValues getLowCardinalityKeyValues(EnqueueObservationContext context) {
					return KeyValues.of("mine", "yes");
				}

			};
		}

		@Bean
		DefaultStepObservationConvention stepConvention() {
			return new DefaultStepObservationConvention() {

				@Override
				public String getName() {
					return "mine.step";
				}

				@Override
				public KeyValues getLowCardinalityKeyValues(StepObservationContext context) {
					return KeyValues.of("mine", "yes");
				}

			};
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class OtelTracing {

		@Bean
		InMemorySpanExporter exporter() {
			return InMemorySpanExporter.create();
		}

		@Bean
		SdkTracerProvider provider(InMemorySpanExporter exporter) {
			return SdkTracerProvider.builder().addSpanProcessor(SimpleSpanProcessor.create(exporter)).build();
		}

		@Bean
		Tracer tracer(SdkTracerProvider provider) {
			return new OtelTracer(provider.get("test"), new OtelCurrentTraceContext(), (event) -> {
			});
		}

		@Bean
		ObservationRegistry observationRegistry(SdkTracerProvider provider, Tracer tracer) {
			OtelPropagator propagator = new OtelPropagator(
					ContextPropagators.create(W3CTraceContextPropagator.getInstance()), provider.get("test"));
			ObservationRegistry registry = ObservationRegistry.create();
			registry.observationConfig()
				.observationHandler(new FirstMatchingCompositeObservationHandler(
						new PropagatingSenderTracingObservationHandler<>(tracer, propagator),
						new PropagatingReceiverTracingObservationHandler<>(tracer, propagator),
						new DefaultTracingObservationHandler(tracer)));
			return registry;
		}

	}

}
