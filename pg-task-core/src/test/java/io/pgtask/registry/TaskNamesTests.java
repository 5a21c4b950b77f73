package io.pgtask.registry;

import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.stream.Stream;

import io.pgtask.InvalidStateException;
import io.pgtask.NextStep;
import io.pgtask.Step;
import io.pgtask.StepContext;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * Tests for {@link TaskNames}: which class names what.
 */
class TaskNamesTests {

	@Test
	void theSealedInterfaceNamesTheTaskTypeAndTheRecordNamesTheStep() {
		assertThat(TaskNames.of(Greeter.ReadName.class))
			.isEqualTo(new TaskNames(Greeter.class, "Greeter", List.of(), "ReadName", List.of()));
	}

	@Test
	void aSealedClassIsATaskTypeToo() {
		TaskNames names = TaskNames.of(Shape.Circle.class);
		assertThat(names.taskType()).isEqualTo("Shape");
		assertThat(names.step()).isEqualTo("Circle");
	}

	@Test
	void aClassUnderNoSealedTypeIsATaskOfASingleStep() {
		TaskNames names = TaskNames.of(SendMail.class);
		assertThat(names.taskClass()).isEqualTo(SendMail.class);
		assertThat(names.taskType()).isEqualTo("SendMail");
		assertThat(names.step()).isEqualTo("SendMail");
	}

	@Test
	void theTopMostSealedTypeOfANestedHierarchyIsTheTaskType() {
		assertThat(TaskNames.of(Order.Pay.ByCard.class).taskClass()).isEqualTo(Order.class);
		assertThat(TaskNames.of(Order.Reserve.class).taskClass()).isEqualTo(Order.class);
	}

	@Test
	void theSealedTypeAboveANonSealedBranchIsTheTaskType() {
		assertThat(TaskNames.of(Order.Plugin.Extra.class).taskClass()).isEqualTo(Order.class);
	}

	@Test
	void aDiamondOfSealedTypesHasOneTaskType() {
		assertThat(TaskNames.of(Diamond.Both.class).taskClass()).isEqualTo(Diamond.class);
	}

	@Test
	void unrelatedSealedTypesAboveAStateAreRefusedByName() {
		assertThatExceptionOfType(InvalidStateException.class).isThrownBy(() -> TaskNames.of(Torn.class))
			.withMessageContaining("ambiguous")
			.withMessageContaining("TaskNamesTests.Left")
			.withMessageContaining("TaskNamesTests.Right");
	}

	static Stream<Object> objectsThatAreNoState() {
		Object hidden = (Runnable) () -> {
		};
		Object anonymous = new Object() {
		};
		return Stream.of("text", 1, true, 'c', Instant.EPOCH, new int[0], new ArrayList<>(List.of(1)), new HashMap<>(),
				List.of(), Colour.RED, Colour.GREEN, new Custom(), NextStep.done(), NextStep.now(new SendMail("a")),
				new Mailer(), hidden, anonymous, local(), new Object(), new TaskNamesTests().new Inner(),
				java.sql.Date.valueOf("2020-01-01"));
	}

	@ParameterizedTest
	@MethodSource("objectsThatAreNoState")
	void anObjectThatIsNoStateIsRefusedWithItsClass(Object object) {
		assertThatExceptionOfType(InvalidStateException.class).isThrownBy(() -> TaskNames.of(object.getClass()))
			.withMessageContaining(Names.of(object.getClass()))
			.withMessageContaining("cannot be the state of a task");
	}

	@ParameterizedTest
	@ValueSource(classes = { Greeter.class, Shape.class, int.class, Override.class })
	void aClassWithoutObjectsIsRefused(Class<?> type) {
		assertThatExceptionOfType(InvalidStateException.class).isThrownBy(() -> TaskNames.of(type))
			.withMessageContaining("cannot be the state of a task");
	}

	@Test
	void aTransitionOrAStepInsteadOfAStateIsToldApart() {
		assertThatExceptionOfType(InvalidStateException.class)
			.isThrownBy(() -> TaskNames.of(NextStep.now(new SendMail("a")).getClass()))
			.withMessageContaining("pass the state inside it");
		assertThatExceptionOfType(InvalidStateException.class).isThrownBy(() -> TaskNames.of(Mailer.class))
			.withMessageContaining("pass the state it runs for");
	}

	private static Object local() {
		record Local() {
		}
		return new Local();
	}

	sealed interface Greeter {

		record ReadName(String filename) implements Greeter {
		}

	}

	abstract static sealed class Shape {

		static final class Circle extends Shape {

		}

	}

	record SendMail(String to) {
	}

	sealed interface Order {

		record Reserve() implements Order {
		}

		sealed interface Pay extends Order {

			record ByCard() implements Pay {
			}

		}

		non-sealed interface Plugin extends Order {

			record Extra() implements Plugin {
			}

		}

	}

	sealed interface Diamond {

		sealed interface Left extends Diamond {

		}

		sealed interface Right extends Diamond {

		}

		record Both() implements Left, Right {
		}

	}

	sealed interface Left {

	}

	sealed interface Right {

	}

	record Torn() implements Left, Right {
	}

	enum Colour {

		RED, GREEN {
			@Override
			public String toString() {
				return "green";
			}
		}

	}

	static class Custom extends HashMap<String, String> {

		private static final long serialVersionUID = 1L;

	}

	class Inner {

	}

	static class Mailer implements Step<SendMail, SendMail> {

		@Override
		public NextStep<SendMail> run(SendMail state, StepContext context) {
			return NextStep.done();
		}

	}

}
