package io.pgtask.registry;

import io.pgtask.NextStep;
import io.pgtask.PgTaskConfigurationException;
import io.pgtask.Step;
import io.pgtask.StepContext;
import io.pgtask.TaskStep;
import io.pgtask.registry.RegistryFaultsTests.Batch;
import io.pgtask.registry.RegistryFaultsTests.Greeter;
import io.pgtask.registry.RegistryFaultsTests.Mail;
import io.pgtask.registry.RegistryFaultsTests.ReadNameStep;
import org.junit.jupiter.api.Test;

import org.springframework.core.ResolvableType;

import static io.pgtask.registry.RegistryFaultsTests.faultOf;
import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link TaskRegistry}: what is no step, or no task type.
 */
class StepFaultsTests {

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
		assertThat(fault.getAction()).contains("Make io.pgtask.registry.StepFaultsTests.Open a sealed interface");
	}

	@Test
	void aTypeAboveTheSealedTypeIsNoTaskType() {
		PgTaskConfigurationException fault = faultOf((registry) -> registry.step(new AboveStep()));
		assertThat(fault).hasMessageContaining("Above, which is not sealed");
		assertThat(fault.getAction()).contains("Implement Step<io.pgtask.registry.StepFaultsTests.Below,"
				+ " io.pgtask.registry.StepFaultsTests.Below.State>");
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
			.hasMessageContaining("StepFaultsTests.NotAStep")
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
			.hasMessageContaining("StepFaultsTests.Left")
			.hasMessageContaining("StepFaultsTests.Right");
	}

	@Test
	void aStateIsNotReportedAsMissingWhileAStepIsIllegible() {
		PgTaskConfigurationException fault = faultOf(
				(registry) -> registry.step(new ReadNameStep()).step(new RawStep()));
		assertThat(fault).hasMessageContaining("cannot be found").hasMessageNotContaining("has no step");
	}

	static class OpenBatchStep<E> extends NoOpStep<Batch<E>, Batch<E>> {

	}

	static class WildcardBatchStep extends NoOpStep<Batch<?>, Batch<?>> {

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
