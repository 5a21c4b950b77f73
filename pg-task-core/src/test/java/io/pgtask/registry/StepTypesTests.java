package io.pgtask.registry;

import java.io.Serializable;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.Proxy;
import java.util.List;

import io.pgtask.NextStep;
import io.pgtask.RetrySettings;
import io.pgtask.Step;
import io.pgtask.StepContext;
import io.pgtask.registry.TaskRegistryTests.Greeter;
import io.pgtask.registry.TaskRegistryTests.SendMail;
import io.pgtask.registry.TaskRegistryTests.SendMailStep;
import org.junit.jupiter.api.Test;

import org.springframework.cglib.proxy.Enhancer;
import org.springframework.cglib.proxy.NoOp;
import org.springframework.core.ResolvableType;

import static io.pgtask.registry.TaskRegistryTests.find;
import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link StepTypes}: the type of a step is found whatever its bean looks like.
 */
class StepTypesTests {

	@Test
	void typeArgumentsAreFoundThroughSuperclasses() {
		TaskRegistry registry = TaskRegistry.builder().step(new Reading()).step(new Saying()).build();
		assertThat(find(registry, "Greeter", "ReadName").bean()).isInstanceOf(Reading.class);
		assertThat(find(registry, "Greeter", "SayHello").bean()).isInstanceOf(Saying.class);
	}

	@Test
	void aLambdaIsTakenWithItsDeclaredType() {
		Step<SendMail, SendMail> lambda = (state, context) -> NextStep.done();
		TaskRegistry registry = TaskRegistry.builder()
			.step(lambda, ResolvableType.forClassWithGenerics(Step.class, SendMail.class, SendMail.class),
					RetrySettings.DEFAULT, "sendMail")
			.build();
		assertThat(find(registry, "SendMail", "SendMail").bean()).isSameAs(lambda);
	}

	@Test
	void theClassOfTheBeanHelpsOutWhenTheDeclaredTypeSaysLess() {
		for (ResolvableType declared : List.of(ResolvableType.forClass(Step.class),
				ResolvableType.forClass(Object.class), ResolvableType.NONE)) {
			TaskRegistry registry = TaskRegistry.builder()
				.step(new SendMailStep(), declared, RetrySettings.DEFAULT, "sendMail")
				.build();
			assertThat(registry.taskTypeNames()).containsExactly("SendMail");
		}
	}

	@Test
	void aJdkProxyIsTakenWithTheTypeOfItsTarget() {
		Step<?, ?> proxy = (Step<?, ?>) Proxy.newProxyInstance(getClass().getClassLoader(),
				new Class<?>[] { Step.class }, (self, method, arguments) -> NextStep.done());
		TaskRegistry registry = TaskRegistry.builder()
			.step(proxy, ResolvableType.forClass(SendMailStep.class), RetrySettings.DEFAULT, "sendMail")
			.build();
		assertThat(find(registry, "SendMail", "SendMail").bean()).isSameAs(proxy);
	}

	@Test
	void aCglibProxyNeedsNoDeclaredType() {
		SendMailStep proxy = (SendMailStep) Enhancer.create(SendMailStep.class, NoOp.INSTANCE);
		assertThat(proxy.getClass()).isNotEqualTo(SendMailStep.class);
		StepDefinition step = find(TaskRegistry.builder().step(proxy).build(), "SendMail", "SendMail");
		assertThat(step.bean()).isSameAs(proxy);
		assertThat(step.retry().maxRetries()).isEqualTo(3);
		assertThat(step.origin()).isEqualTo(SendMailStep.class.getName());
	}

	@Test
	void aGenericStateKeepsItsTypeArguments() {
		StepDefinition step = find(TaskRegistry.builder().step(new BatchStep()).build(), "Batch", "Batch");
		assertThat(step.stateClass()).isEqualTo(Batch.class);
		assertThat(((ParameterizedType) step.stateType()).getActualTypeArguments()).containsExactly(SendMail.class);
	}

	@Test
	void typeArgumentsOfAGenericStateAreFoundThroughSuperclasses() {
		StepDefinition step = find(TaskRegistry.builder().step(new BatchesStep()).build(), "Batch", "Batch");
		assertThat(step.stateType().getTypeName()).matches(".*Batch<java.util.List<.*SendMail\\[\\]>>");
	}

	abstract static class Base<S extends Greeter> implements Step<Greeter, S> {

		@Override
		public NextStep<Greeter> run(S state, StepContext context) {
			return NextStep.done();
		}

	}

	static class Reading extends Base<Greeter.ReadName> {

	}

	abstract static class Between<X extends Serializable, Y extends Greeter> extends Base<Y> {

	}

	static class Saying extends Between<String, Greeter.SayHello> {

	}

	record Batch<E>(List<E> items) {
	}

	static class BatchStep extends NoOpStep<Batch<SendMail>, Batch<SendMail>> {

	}

	abstract static class AnyBatchStep<E> extends NoOpStep<Batch<List<E[]>>, Batch<List<E[]>>> {

	}

	static class BatchesStep extends AnyBatchStep<SendMail> {

	}

}
