package io.pgtask.codec;

import java.io.FileInputStream;
import java.io.InputStream;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.locks.ReentrantLock;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import io.pgtask.PgTaskConfigurationException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

/**
 * Tests for {@link StateVerifier}: types that Jackson cannot write or read.
 */
class StateVerificationTests {

	@Test
	void aStreamIsRefusedWithTheComponentAndTheStep() {
		PgTaskConfigurationException fault = faultOf(WithStream.class);
		assertThat(fault).hasMessage("The state io.pgtask.codec.StateVerificationTests$WithStream of the step bean"
				+ " 'WithStream' cannot be read back from its own JSON: its component source is of type"
				+ " java.io.InputStream, which is abstract, and the JSON does not say which class to create.");
		assertThat(fault.getAction()).contains("@JsonTypeInfo");
	}

	@Test
	void anInterfaceInsideACollectionIsRefused() {
		assertThat(faultOf(WithInterfaces.class)).hasMessageContaining("its component things")
			.hasMessageContaining("Thing, which is abstract");
		assertThat(faultOf(WithInterfaceValues.class)).hasMessageContaining("its component things");
		assertThat(faultOf(WithOptionalInterface.class)).hasMessageContaining("its component thing");
		assertThat(faultOf(WithInterfaceArray.class)).hasMessageContaining("its component things");
	}

	@Test
	void anInterfaceInsideANestedRecordIsRefusedWithItsPath() {
		assertThat(faultOf(Outer.class)).hasMessageContaining("its component inners.thing is of type");
	}

	@ParameterizedTest
	@ValueSource(classes = { WithFile.class, WithLock.class, WithFuture.class, WithThread.class })
	void anObjectOfThePlatformThatIsNoDataIsRefused(Class<?> type) {
		assertThat(faultOf(type)).hasMessageContaining("its component resource is of type java.")
			.hasMessageContaining("of the platform");
	}

	@Test
	void aClassWithTwoConstructorsIsRefused() {
		PgTaskConfigurationException fault = faultOf(WithTwoConstructors.class);
		assertThat(fault).hasMessageContaining("its component money")
			.hasMessageContaining("TwoConstructors, which has no constructor that Jackson can choose");
		assertThat(fault.getAction()).contains("@JsonCreator");
	}

	@Test
	void aStateWithoutACreatorIsRefused() {
		assertThat(faultOf(TwoConstructors.class)).hasMessageContaining("it is of type")
			.hasMessageContaining("no constructor that Jackson can choose");
	}

	@Test
	void aClassOfWhichNothingIsWrittenIsRefused() {
		assertThat(faultOf(WithSilent.class)).hasMessageContaining("its component silent")
			.hasMessageContaining("of which nothing is written");
	}

	@Test
	void aKeyThatCannotBeReadIsRefused() {
		assertThat(faultOf(WithKeys.class)).hasMessageContaining("Key");
	}

	@Test
	void aSubtypeThatCannotBeReadIsRefused() {
		assertThat(faultOf(WithShape.class)).hasMessageContaining("its component shape.source")
			.hasMessageContaining("java.io.InputStream");
	}

	@Test
	void theFaultsOfAllStatesAreReportedTogether() {
		PgTaskConfigurationException fault = catchThrowableOfType(PgTaskConfigurationException.class,
				() -> Codecs.of(WithStream.class, Fine.class, WithSilent.class).verify());
		assertThat(fault).hasMessageContaining("2 faults")
			.hasMessageContaining("1. The state")
			.hasMessageContaining("2. The state");
	}

	static PgTaskConfigurationException faultOf(Class<?> type) {
		PgTaskConfigurationException fault = catchThrowableOfType(PgTaskConfigurationException.class,
				() -> Codecs.of(type).verify());
		assertThat(fault).isNotNull();
		assertThat(fault).hasMessageContaining(type.getTypeName()).hasMessageContaining("from its own JSON");
		assertThat(fault.getAction()).isNotBlank();
		return fault;
	}

	interface Thing {

	}

	record WithStream(String name, InputStream source) {
	}

	record WithInterfaces(List<Thing> things) {
	}

	record WithInterfaceValues(Map<String, List<Thing>> things) {
	}

	record WithOptionalInterface(Optional<Thing> thing) {
	}

	record WithInterfaceArray(Thing[] things) {
	}

	record Inner(Thing thing) {
	}

	record Outer(List<Inner> inners) {
	}

	record WithFile(FileInputStream resource) {
	}

	record WithLock(ReentrantLock resource) {
	}

	record WithFuture(CompletableFuture<String> resource) {
	}

	record WithThread(Thread resource) {
	}

	static class TwoConstructors {

		private final int amount;

		TwoConstructors(int amount) {
			this.amount = amount;
		}

		TwoConstructors(String amount) {
			this(Integer.parseInt(amount));
		}

		public int getAmount() {
			return this.amount;
		}

	}

	record WithTwoConstructors(TwoConstructors money) {
	}

	static class Silent {

		private int secret = 1;

		int secret() {
			return this.secret++;
		}

	}

	record WithSilent(Silent silent) {
	}

	record Key(String one, String two) {
	}

	record WithKeys(Map<Key, String> map) {
	}

	@JsonTypeInfo(use = JsonTypeInfo.Id.NAME)
	sealed interface Shape {

		record Circle(int radius) implements Shape {
		}

		record Scan(InputStream source) implements Shape {
		}

	}

	record WithShape(Shape shape) {
	}

	record Fine(String name, List<Map<String, Optional<Integer>>> items, byte[] content) {
	}

}
