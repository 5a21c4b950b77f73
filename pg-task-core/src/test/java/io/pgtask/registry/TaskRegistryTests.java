package io.pgtask.registry;

import java.io.Serializable;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.List;
import java.util.Objects;

import io.pgtask.NextStep;
import io.pgtask.PersistentName;
import io.pgtask.RetrySettings;
import io.pgtask.Step;
import io.pgtask.StepContext;
import io.pgtask.TaskStep;
import org.junit.jupiter.api.Test;

import org.springframework.cglib.proxy.Enhancer;
import org.springframework.cglib.proxy.NoOp;
import org.springframework.core.ResolvableType;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link TaskRegistry}: what it finds.
 */
class TaskRegistryTests {

	@Test
	void aStepIsFoundByItsNames() {
		ReadNameStep bean = new ReadNameStep();
		TaskRegistry registry = TaskRegistry.builder().step(bean).step(new SayHelloStep()).build();
		StepDefinition step = find(registry, "Greeter", "ReadName");
		assertThat(step.bean()).isSameAs(bean);
		assertThat(step.stateType()).isEqualTo(Greeter.ReadName.class);
		assertThat(step.stateClass()).isEqualTo(Greeter.ReadName.class);
		assertThat(step.origin()).isEqualTo(ReadNameStep.class.getName());
		assertThat(registry.steps()).hasSize(2);
		assertThat(registry.stepNames("Greeter")).containsExactly("ReadName", "SayHello");
	}

	@Test
	void unknownNamesAreNotFound() {
		TaskRegistry registry = TaskRegistry.builder().step(new ReadNameStep()).step(new SayHelloStep()).build();
		assertThat(registry.find("Greeter", "Wave")).isNull();
		assertThat(registry.find("Stranger", "ReadName")).isNull();
		assertThat(registry.find("greeter", "ReadName")).isNull();
		assertThat(registry.stepNames("Stranger")).isEmpty();
	}

	@Test
	void aliasesFindTheSameStepAndAreClaimed() {
		TaskRegistry registry = TaskRegistry.builder().step(new PinnedStep()).build();
		StepDefinition step = find(registry, "invoice", "create");
		assertThat(find(registry, "Invoice", "create")).isSameAs(step);
		assertThat(find(registry, "Bill", "First")).isSameAs(step);
		assertThat(find(registry, "invoice", "First")).isSameAs(step);
		assertThat(registry.taskTypeNames()).containsExactlyInAnyOrder("invoice", "Invoice", "Bill");
		assertThat(registry.stepNames("Bill")).containsExactly("create");
	}

	@Test
	void anEmptyRegistryKnowsNothing() {
		assertThat(TaskRegistry.empty().steps()).isEmpty();
		assertThat(TaskRegistry.empty().taskTypeNames()).isEmpty();
		assertThat(TaskRegistry.builder().build().taskTypeNames()).isEmpty();
	}

	@Test
	void theAnnotationOnTheClassSaysHowToRetry() {
		TaskRegistry registry = TaskRegistry.builder().step(new ReadNameStep()).step(new SayHelloStep()).build();
		assertThat(find(registry, "Greeter", "ReadName").retry())
			.isEqualTo(new RetrySettings(5, Duration.ofSeconds(5), 1.0, null, 0.0));
		assertThat(find(registry, "Greeter", "SayHello").retry()).isEqualTo(RetrySettings.DEFAULT);
	}

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

	@Test
	void aStepMayNarrowItsTaskToABranchOfTheSealedType() {
		TaskRegistry registry = TaskRegistry.builder().step(new CardStep()).step(new ReserveStep()).build();
		assertThat(registry.stepNames("Order")).containsExactly("ByCard", "Reserve");
	}

	@Test
	void theStatesOfANonSealedBranchAreTakenAsTheyCome() {
		TaskRegistry registry = TaskRegistry.builder()
			.step(new CardStep())
			.step(new ReserveStep())
			.step(new ExtraStep())
			.build();
		assertThat(registry.stepNames("Order")).containsExactly("ByCard", "Extra", "Reserve");
	}

	@Test
	void anAnnotatedBeanThatIsAStepIsTaken() {
		TaskRegistry registry = TaskRegistry.builder()
			.candidate(new SendMailStep(), ResolvableType.forClass(SendMailStep.class),
					(taskType, step) -> StepSettings.DEFAULT, "mail")
			.build();
		assertThat(find(registry, "SendMail", "SendMail").origin()).isEqualTo("mail");
	}

	@Test
	void twoTasksMayHaveStepsOfTheSameName() {
		TaskRegistry registry = TaskRegistry.builder().step(new OneStep()).step(new TwoStep()).build();
		assertThat(find(registry, "One", "Same").stateClass()).isEqualTo(One.Same.class);
		assertThat(find(registry, "Two", "Same").stateClass()).isEqualTo(Two.Same.class);
	}

	private static StepDefinition find(TaskRegistry registry, String taskType, String step) {
		return Objects.requireNonNull(registry.find(taskType, step));
	}

	sealed interface Greeter {

		record ReadName(String filename) implements Greeter {
		}

		record SayHello(String name) implements Greeter {
		}

	}

	@TaskStep(maxRetries = 5, retryDelay = "5s")
	static class ReadNameStep extends NoOpStep<Greeter, Greeter.ReadName> {

	}

	static class SayHelloStep extends NoOpStep<Greeter, Greeter.SayHello> {

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

	record SendMail(String to) {
	}

	@TaskStep(maxRetries = 3)
	static class SendMailStep extends NoOpStep<SendMail, SendMail> {

	}

	record Batch<E>(List<E> items) {
	}

	static class BatchStep extends NoOpStep<Batch<SendMail>, Batch<SendMail>> {

	}

	abstract static class AnyBatchStep<E> extends NoOpStep<Batch<List<E[]>>, Batch<List<E[]>>> {

	}

	static class BatchesStep extends AnyBatchStep<SendMail> {

	}

	@PersistentName(value = "invoice", aliases = { "Invoice", "Bill" })
	sealed interface Pinned {

		@PersistentName(value = "create", aliases = "First")
		record First() implements Pinned {
		}

	}

	static class PinnedStep extends NoOpStep<Pinned, Pinned.First> {

	}

	sealed interface Order {

		record Reserve() implements Order {
		}

		sealed interface Pay extends Order {

			record ByCard() implements Pay {
			}

		}

		non-sealed interface Plugin extends Order {

		}

	}

	record Extra() implements Order.Plugin {
	}

	static class CardStep extends NoOpStep<Order.Pay, Order.Pay.ByCard> {

	}

	static class ReserveStep extends NoOpStep<Order, Order.Reserve> {

	}

	static class ExtraStep extends NoOpStep<Order.Plugin, Extra> {

	}

	sealed interface One {

		record Same() implements One {
		}

	}

	sealed interface Two {

		record Same() implements Two {
		}

	}

	static class OneStep extends NoOpStep<One, One.Same> {

	}

	static class TwoStep extends NoOpStep<Two, Two.Same> {

	}

}
