package io.pgtask.codec;

import java.util.List;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import io.pgtask.PersistentName;
import io.pgtask.registry.TaskRegistry;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.PropertyNamingStrategies;
import tools.jackson.databind.annotation.JsonNaming;
import tools.jackson.databind.json.JsonMapper;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link StepCodec}: the shape of the text.
 */
class StepCodecTests {

	private final StepCodec codec = new StepCodec(JsonMapper.shared(),
			TaskRegistry.builder()
				.step(new ReadNameStep())
				.step(new SayHelloStep())
				.step(new WaveStep())
				.step(new SendMailStep())
				.build());

	@Test
	void aStateIsWrittenAsTheTextOfTheRustLibrary() {
		assertThat(this.codec.encode(new Greeter.ReadName("name.txt")))
			.isEqualTo(new EncodedStep("Greeter", "ReadName", """
					{"Greeter":{"ReadName":{"filename":"name.txt"}}}"""));
	}

	@Test
	void aStateWithoutComponentsIsWrittenAsNull() {
		assertThat(this.codec.encode(new Greeter.Wave()).text()).isEqualTo("""
				{"Greeter":{"Wave":null}}""");
	}

	@Test
	void aSingleStepTaskIsWrittenUnderItsNameTwice() {
		assertThat(this.codec.encode(new SendMail("a@b.c")).text()).isEqualTo("""
				{"SendMail":{"SendMail":{"to":"a@b.c"}}}""");
	}

	@Test
	void aStateIsReadBackWithItsStep() {
		DecodedStep decoded = this.codec.decode("""
				{"Greeter":{"SayHello":{"name":"Fritz"}}}""");
		assertThat(decoded.state()).isEqualTo(new Greeter.SayHello("Fritz"));
		assertThat(decoded.definition().bean()).isInstanceOf(SayHelloStep.class);
	}

	@Test
	void nullAndAnEmptyObjectAreAStateWithoutComponents() {
		assertThat(this.codec.decode("{\"Greeter\":{\"Wave\":null}}").state()).isEqualTo(new Greeter.Wave());
		assertThat(this.codec.decode("{\"Greeter\":{\"Wave\":{}}}").state()).isEqualTo(new Greeter.Wave());
	}

	@Test
	void aliasesOfTheTaskTypeAndTheStepAreRead() {
		StepCodec codec = new StepCodec(JsonMapper.shared(), TaskRegistry.builder().step(new InvoiceStep()).build());
		assertThat(codec.encode(new Invoice.Create(7)).text()).isEqualTo("""
				{"invoice":{"create":{"number":7}}}""");
		assertThat(codec.decode("""
				{"Bill":{"Write":{"number":7}}}""").state()).isEqualTo(new Invoice.Create(7));
	}

	@Test
	void aProducerWritesTheSameTextWithoutAnyStep() {
		StepCodec producer = new StepCodec(JsonMapper.shared(), TaskRegistry.empty());
		for (Object state : List.of(new Greeter.ReadName("name.txt"), new Greeter.Wave(), new SendMail("a@b.c"))) {
			assertThat(producer.encode(state)).isEqualTo(this.codec.encode(state));
		}
	}

	@Test
	void aNameIsWrittenAsItIs() {
		assertThat(this.codec.encode(new Party()).text()).isEqualTo("{\"Grüße 🎉\":{\"Grüße 🎉\":null}}");
	}

	@Test
	void aStateMayBeWrittenAsASingleValueLikeANewtypeOfRust() {
		StepCodec codec = Codecs.of(Sleep.class);
		codec.verify();
		assertThat(codec.encode(new Sleep(3)).text()).isEqualTo("""
				{"Sleep":{"Sleep":3}}""");
		assertThat(codec.decode("""
				{"Sleep":{"Sleep":3}}""").state()).isEqualTo(new Sleep(3));
	}

	@Test
	void componentsAreNamedAsTheyAreUnlessTheStateSaysOtherwise() {
		assertThat(Codecs.json(new Plain(1))).isEqualTo("""
				{"numberOfRetries":1}""");
		assertThat(Codecs.json(new Snake(1))).isEqualTo("""
				{"number_of_retries":1}""");
		assertThat(Codecs.roundTrip(new Snake(1))).isEqualTo(new Snake(1));
	}

	@Test
	void onlyComponentsOfARecordAreWritten() {
		assertThat(Codecs.json(new Derived("a"))).isEqualTo("""
				{"name":"a"}""");
	}

	@Test
	void aStateThatIsNoRecordIsWrittenByItsGettersAndReadByItsSetters() {
		Bean bean = new Bean();
		bean.setName("a");
		assertThat(Codecs.json(bean)).isEqualTo("""
				{"name":"a"}""");
		assertThat(Codecs.roundTrip(bean).getName()).isEqualTo("a");
	}

	@Test
	void whitespaceIsFree() {
		assertThat(this.codec.decode("""

				{ "SendMail" :
					{ "SendMail" : { "to" : "a@b.c" } }
				}
				""").state()).isEqualTo(new SendMail("a@b.c"));
	}

	sealed interface Greeter {

		record ReadName(String filename) implements Greeter {
		}

		record SayHello(String name) implements Greeter {
		}

		record Wave() implements Greeter {
		}

	}

	record SendMail(String to) {
	}

	@PersistentName(value = "invoice", aliases = "Bill")
	sealed interface Invoice {

		@PersistentName(value = "create", aliases = "Write")
		record Create(int number) implements Invoice {
		}

	}

	@PersistentName("Grüße 🎉")
	record Party() {
	}

	record Sleep(@JsonValue int seconds) {

		@JsonCreator(mode = JsonCreator.Mode.DELEGATING)
		Sleep {
		}

	}

	record Plain(int numberOfRetries) {
	}

	@JsonNaming(PropertyNamingStrategies.SnakeCaseStrategy.class)
	record Snake(int numberOfRetries) {
	}

	record Derived(String name) {

		public boolean isShort() {
			return this.name.length() < 2;
		}

		public String getInitial() {
			return this.name.substring(0, 1);
		}

	}

	static class Bean {

		private String name = "";

		public String getName() {
			return this.name;
		}

		public void setName(String name) {
			this.name = name;
		}

	}

	static class InvoiceStep extends NoOpStep<Invoice, Invoice.Create> {

	}

	static class ReadNameStep extends NoOpStep<Greeter, Greeter.ReadName> {

	}

	static class SayHelloStep extends NoOpStep<Greeter, Greeter.SayHello> {

	}

	static class WaveStep extends NoOpStep<Greeter, Greeter.Wave> {

	}

	static class SendMailStep extends NoOpStep<SendMail, SendMail> {

	}

}
