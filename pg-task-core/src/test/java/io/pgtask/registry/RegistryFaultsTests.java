package io.pgtask.registry;

import java.util.List;
import java.util.function.Consumer;

import io.pgtask.NextStep;
import io.pgtask.PersistentName;
import io.pgtask.PgTaskConfigurationException;
import io.pgtask.RetrySettings;
import io.pgtask.Step;
import io.pgtask.StepContext;
import io.pgtask.TaskStep;
import org.junit.jupiter.api.Test;

import org.springframework.core.ResolvableType;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

/**
 * Tests for {@link TaskRegistry}: what it refuses at start-up, and what it says.
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
	void aRawStepIsRefused() {
		PgTaskConfigurationException fault = faultOf((registry) -> registry.step(new RawStep()));
		assertThat(fault).hasMessageContaining(RawStep.class.getName())
			.hasMessageContaining("type arguments of Step<T, S> cannot be found");
		assertThat(fault.getAction()).contains("implements Step<Greeter, Greeter.ReadName>");
	}

	@Test
	void aLambdaWithoutADeclaredTypeIsRefusedWithAWayOut() {
		Step<Mail, Mail> lambda = (state, context) -> NextStep.done();
		PgTaskConfigurationException fault = faultOf((registry) -> registry.step(lambda));
		assertThat(fault).hasMessageContaining("type arguments of Step<T, S> cannot be found");
		assertThat(fault.getAction()).contains("class instead of a lambda").contains("@Bean");
	}

	@Test
	void anOpenTypeArgumentIsRefused() {
		assertThat(faultOf((registry) -> registry.step(new OpenBatchStep<String>())))
			.hasMessageContaining("type arguments of Step<T, S> cannot be found");
		assertThat(faultOf((registry) -> registry.step(new WildcardBatchStep())))
			.hasMessageContaining("type arguments of Step<T, S> cannot be found");
	}

	@Test
	void aTypeArgumentLostToItsBoundIsRefusedAsTheInterfaceItIs() {
		PgTaskConfigurationException fault = faultOf((registry) -> registry.step(new Unbound<Greeter.ReadName>()));
		assertThat(fault).hasMessageContaining(Unbound.class.getName())
			.hasMessageContaining("Greeter cannot be the state of a task: it is an interface");
	}

	@Test
	void anInterfaceThatIsNotSealedIsNoTaskType() {
		PgTaskConfigurationException fault = faultOf((registry) -> registry.step(new OpenStep()));
		assertThat(fault).hasMessageContaining(OpenStep.class.getName())
			.hasMessageContaining("Open, which is not sealed");
		assertThat(fault.getAction()).contains("Make io.pgtask.registry.RegistryFaultsTests.Open a sealed interface");
	}

	@Test
	void aTypeAboveTheSealedTypeIsNoTaskType() {
		PgTaskConfigurationException fault = faultOf((registry) -> registry.step(new AboveStep()));
		assertThat(fault).hasMessageContaining("Above, which is not sealed");
		assertThat(fault.getAction()).contains("Implement Step<io.pgtask.registry.RegistryFaultsTests.Below,"
				+ " io.pgtask.registry.RegistryFaultsTests.Below.State>");
	}

	@Test
	void anEnumAmongThePermittedStatesIsRefused() {
		PgTaskConfigurationException fault = faultOf((registry) -> registry.step(new WithEnumStep()));
		assertThat(fault).hasMessageContaining("WithEnum.Choice cannot be the state of a task: it is an enum");
	}

	@Test
	void anAnnotatedBeanThatIsNoStepIsRefused() {
		PgTaskConfigurationException fault = faultOf((registry) -> registry.candidate(new Object(),
				ResolvableType.forClass(NotAStep.class), (taskType, step) -> StepSettings.DEFAULT, "bean 'notAStep'"));
		assertThat(fault).hasMessageContaining("bean 'notAStep'")
			.hasMessageContaining("RegistryFaultsTests.NotAStep")
			.hasMessageContaining("is annotated @TaskStep but is no io.pgtask.Step");
		assertThat(fault.getAction()).contains("or remove @TaskStep");
	}

	@Test
	void aPlaceholderIsRefusedWithoutSpring() {
		PgTaskConfigurationException fault = faultOf((registry) -> registry.step(new PlaceholderStep()));
		assertThat(fault).hasMessageContaining("${mail.delay}").hasMessageContaining(PlaceholderStep.class.getName());
	}

	@Test
	void severalSealedTypesAboveAStateAreRefused() {
		assertThat(faultOf((registry) -> registry.step(new TornStep()))).hasMessageContaining("ambiguous")
			.hasMessageContaining("RegistryFaultsTests.Left")
			.hasMessageContaining("RegistryFaultsTests.Right");
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

	@Test
	void aStateIsNotReportedAsMissingWhileAStepIsIllegible() {
		PgTaskConfigurationException fault = faultOf(
				(registry) -> registry.step(new ReadNameStep()).step(new RawStep()));
		assertThat(fault).hasMessageContaining("cannot be found").hasMessageNotContaining("has no step");
	}

	private static PgTaskConfigurationException faultOf(Consumer<TaskRegistry.Builder> steps) {
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

	static class OpenBatchStep<E> extends NoOpStep<Batch<E>, Batch<E>> {

	}

	static class WildcardBatchStep extends NoOpStep<Batch<?>, Batch<?>> {

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

	@SuppressWarnings({ "rawtypes", "unchecked" })
	static class RawStep implements Step {

		@Override
		public NextStep run(Object state, StepContext context) {
			return NextStep.done();
		}

	}

	static class Unbound<S extends Greeter> implements Step<Greeter, S> {

		@Override
		public NextStep<Greeter> run(S state, StepContext context) {
			return NextStep.done();
		}

	}

	interface Open {

	}

	record OpenState() implements Open {
	}

	static class OpenStep extends NoOpStep<Open, OpenState> {

	}

	interface Above {

	}

	sealed interface Below extends Above {

		record State() implements Below {
		}

	}

	static class AboveStep extends NoOpStep<Above, Below.State> {

	}

	sealed interface WithEnum {

		record State() implements WithEnum {
		}

		enum Choice implements WithEnum {

			YES, NO

		}

	}

	static class WithEnumStep extends NoOpStep<WithEnum, WithEnum.State> {

	}

	static class NotAStep {

	}

	@TaskStep(retryDelay = "${mail.delay}")
	static class PlaceholderStep extends NoOpStep<Mail, Mail> {

	}

	sealed interface Left {

	}

	sealed interface Right {

	}

	record Torn() implements Left, Right {
	}

	static class TornStep extends NoOpStep<Torn, Torn> {

	}

}
