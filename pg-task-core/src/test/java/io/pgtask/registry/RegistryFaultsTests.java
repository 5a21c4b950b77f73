package io.pgtask.registry;

import java.util.List;
import java.util.function.Consumer;

import io.pgtask.PersistentName;
import io.pgtask.PgTaskConfigurationException;
import io.pgtask.RetrySettings;
import io.pgtask.Step;
import io.pgtask.TaskStep;
import org.junit.jupiter.api.Test;

import org.springframework.core.ResolvableType;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

/**
 * Tests for {@link TaskRegistry}: steps that do not fit together.
 */
class RegistryFaultsTests {

	@Test
	void aStateWithoutAStepIsRefused() {
		PgTaskConfigurationException fault = faultOf((registry) -> registry.step(new ReadNameStep()));
		assertThat(fault)
			.hasMessage("The state io.pgtask.registry.RegistryFaultsTests.Greeter.SayHello of the task type"
					+ " io.pgtask.registry.RegistryFaultsTests.Greeter has no step.");
		assertThat(fault.getAction()).contains("@TaskStep")
			.contains("Step<io.pgtask.registry.RegistryFaultsTests.Greeter,"
					+ " io.pgtask.registry.RegistryFaultsTests.Greeter.SayHello>");
	}

	@Test
	void aStateWithoutAStepIsFoundInNestedSealedTypesToo() {
		PgTaskConfigurationException fault = faultOf((registry) -> registry.step(new NestedStep()));
		assertThat(fault).hasMessageContaining("Nested.Inner.Missing").hasMessageContaining("has no step");
	}

	@Test
	void twoStepsForOneStateAreRefusedByTheirOrigins() {
		PgTaskConfigurationException fault = faultOf((registry) -> registry
			.step(new MailStep(), ResolvableType.forClass(MailStep.class), RetrySettings.DEFAULT, "bean 'first'")
			.step(new MailStep(), ResolvableType.forClass(MailStep.class), RetrySettings.DEFAULT, "bean 'second'"));
		assertThat(fault).hasMessageContaining("Two steps run for the state")
			.hasMessageContaining("Mail")
			.hasMessageContaining("bean 'first'")
			.hasMessageContaining("bean 'second'");
		assertThat(fault.getAction()).contains("Remove one of the two steps");
	}

	@Test
	void twoStepsForOneGenericStateAreToldThatTypeArgumentsAreNotPersisted() {
		PgTaskConfigurationException fault = faultOf(
				(registry) -> registry.step(new TextBatchStep()).step(new NumberBatchStep()));
		assertThat(fault).hasMessageContaining("Two steps run for the state")
			.hasMessageContaining("Batch<java.lang.String>")
			.hasMessageContaining("Batch<java.lang.Integer>");
		assertThat(fault.getAction()).contains("type arguments").contains("not persisted");
	}

	@Test
	void twoTaskTypesOfOneNameAreRefused() {
		PgTaskConfigurationException fault = faultOf(
				(registry) -> registry.step(new MailStep()).step(new OtherMailStep()));
		assertThat(fault).hasMessage("Two task types have the persisted name or alias 'Mail':"
				+ " io.pgtask.registry.RegistryFaultsTests.Mail and io.pgtask.registry.RegistryFaultsTests.Other.Mail.");
		assertThat(fault.getAction()).contains("@PersistentName");
	}

	@Test
	void anAliasThatIsTheNameOfAnotherTaskTypeIsRefused() {
		PgTaskConfigurationException fault = faultOf(
				(registry) -> registry.step(new MailStep()).step(new AliasedStep()));
		assertThat(fault).hasMessageContaining("Two task types have the persisted name or alias 'Mail'");
	}

	@Test
	void twoStatesOfATaskTypeWithOneNameAreRefused() {
		PgTaskConfigurationException fault = faultOf(
				(registry) -> registry.step(new TwinOneStep()).step(new TwinTwoStep()));
		assertThat(fault).hasMessageContaining("Two states of the task type")
			.hasMessageContaining("the persisted name or alias 'old'")
			.hasMessageContaining("Twins.One")
			.hasMessageContaining("Twins.Two");
	}

	@Test
	void aNameThatCannotBePersistedIsRefusedOnceForAllStatesOfItsType() {
		PgTaskConfigurationException fault = faultOf(
				(registry) -> registry.step(new QuotedOneStep()).step(new QuotedTwoStep()));
		assertThat(fault).hasMessageStartingWith("The persisted name 'a\"b'")
			.hasMessageContaining("RegistryFaultsTests.Quoted ");
		assertThat(fault.getAction()).contains("RegistryFaultsTests.Quoted").contains("@PersistentName");
	}

	@Test
	void aPersistentNameBetweenTheTaskTypeAndItsStatesIsRefused() {
		PgTaskConfigurationException fault = faultOf((registry) -> registry.step(new NamedBranchStep()));
		assertThat(fault).hasMessageContaining("@PersistentName on")
			.hasMessageContaining("NamedBranch.Branch")
			.hasMessageContaining("has no effect");
	}

	@Test
	void allFaultsAreReportedTogether() {
		PgTaskConfigurationException fault = faultOf((registry) -> registry.step(new ReadNameStep())
			.step(new MailStep())
			.step(new OtherMailStep())
			.step(new NestedStep()));
		assertThat(fault.getMessage()).startsWith("The task types have 3 faults:\n")
			.contains("\n  1. The state ")
			.contains("\n  2. The state ")
			.contains("\n  3. Two task types");
		assertThat(fault.getAction().lines()).hasSize(3);
	}

	static PgTaskConfigurationException faultOf(Consumer<TaskRegistry.Builder> steps) {
		TaskRegistry.Builder builder = TaskRegistry.builder();
		steps.accept(builder);
		PgTaskConfigurationException fault = catchThrowableOfType(PgTaskConfigurationException.class, builder::build);
		assertThat(fault).isNotNull();
		assertThat(fault.getAction()).isNotBlank();
		return fault;
	}

	sealed interface Greeter {

		record ReadName(String filename) implements Greeter {
		}

		record SayHello(String name) implements Greeter {
		}

	}

	static class ReadNameStep extends NoOpStep<Greeter, Greeter.ReadName> {

	}

	sealed interface Nested {

		record Outer() implements Nested {
		}

		sealed interface Inner extends Nested {

			record Missing() implements Inner {
			}

		}

	}

	static class NestedStep extends NoOpStep<Nested, Nested.Outer> {

	}

	record Mail(String to) {
	}

	static class MailStep extends NoOpStep<Mail, Mail> {

	}

	static class Other {

		record Mail(String to) {
		}

	}

	static class OtherMailStep extends NoOpStep<Other.Mail, Other.Mail> {

	}

	@PersistentName(value = "Aliased", aliases = "Mail")
	record Aliased() {
	}

	static class AliasedStep extends NoOpStep<Aliased, Aliased> {

	}

	record Batch<E>(List<E> items) {
	}

	static class TextBatchStep extends NoOpStep<Batch<String>, Batch<String>> {

	}

	static class NumberBatchStep extends NoOpStep<Batch<Integer>, Batch<Integer>> {

	}

	sealed interface Twins {

		@PersistentName(value = "one", aliases = "old")
		record One() implements Twins {
		}

		@PersistentName(value = "two", aliases = "old")
		record Two() implements Twins {
		}

	}

	static class TwinOneStep extends NoOpStep<Twins, Twins.One> {

	}

	static class TwinTwoStep extends NoOpStep<Twins, Twins.Two> {

	}

	@PersistentName("a\"b")
	sealed interface Quoted {

		record One() implements Quoted {
		}

		record Two() implements Quoted {
		}

	}

	static class QuotedOneStep extends NoOpStep<Quoted, Quoted.One> {

	}

	static class QuotedTwoStep extends NoOpStep<Quoted, Quoted.Two> {

	}

	sealed interface NamedBranch {

		@PersistentName("branch")
		sealed interface Branch extends NamedBranch {

			record Leaf() implements Branch {
			}

		}

	}

	static class NamedBranchStep extends NoOpStep<NamedBranch, NamedBranch.Branch.Leaf> {

	}

}
