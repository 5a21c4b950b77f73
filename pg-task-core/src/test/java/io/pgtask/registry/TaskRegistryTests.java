package io.pgtask.registry;

import java.time.Duration;
import java.util.Objects;

import io.pgtask.PersistentName;
import io.pgtask.RetrySettings;
import io.pgtask.TaskStep;
import org.junit.jupiter.api.Test;

import org.springframework.core.ResolvableType;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link TaskRegistry}.
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

	static StepDefinition find(TaskRegistry registry, String taskType, String step) {
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

	record SendMail(String to) {
	}

	@TaskStep(maxRetries = 3)
	static class SendMailStep extends NoOpStep<SendMail, SendMail> {

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
