package io.pgtask.codec;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Objects;
import java.util.function.Supplier;

import io.pgtask.PgTaskConfigurationException;
import io.pgtask.Step;
import io.pgtask.registry.TaskRegistry;
import org.jetbrains.kotlin.cli.common.ExitCode;
import org.jetbrains.kotlin.cli.jvm.K2JVMCompiler;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.module.kotlin.KotlinModule;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * Tests for {@link StepCodec} and {@link TaskRegistry}: states and steps written in
 * Kotlin.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class KotlinStateTests {

	private URLClassLoader classes;

	private Map<String, Object> fixture;

	private StepCodec codec;

	@BeforeAll
	@SuppressWarnings("unchecked")
	void compile(@TempDir Path directory) throws Exception {
		Path source = directory.resolve("Invoices.kt");
		try (InputStream resource = getClass().getResourceAsStream("Invoices.kt")) {
			Files.copy(Objects.requireNonNull(resource), source);
		}
		compile(source, directory.resolve("classes"));
		this.classes = new URLClassLoader(new URL[] { directory.resolve("classes").toUri().toURL() },
				getClass().getClassLoader());
		this.fixture = ((Supplier<Map<String, Object>>) this.classes.loadClass("io.pgtask.codec.kotlin.Fixture")
			.getConstructor()
			.newInstance()).get();
		this.codec = codec(JsonMapper.shared());
	}

	@AfterAll
	void close() throws IOException {
		this.classes.close();
	}

	@Test
	void aSealedInterfaceOfKotlinIsATaskType() {
		assertThat(this.codec.encode(fixture("send"))).isEqualTo(new EncodedStep("Invoice", "Send", """
				{"Invoice":{"Send":{"to":"a@b.c","patience":"PT1M30S"}}}"""));
	}

	@Test
	void dataClassesAreReadAsTheyWereWritten() {
		for (String name : new String[] { "create", "send", "stamp" }) {
			Object state = fixture(name);
			assertThat(this.codec.decode(this.codec.encode(state).text()).state()).isEqualTo(state);
		}
	}

	@Test
	void aDataObjectIsWrittenAsNullAndReadAsTheOneObjectItIs() {
		String text = this.codec.encode(fixture("close")).text();
		assertThat(text).isEqualTo("""
				{"Invoice":{"Close":null}}""");
		assertThat(this.codec.decode(text).state()).isSameAs(fixture("close"));
	}

	@Test
	void defaultsAndNullableTypesOfKotlinMayBeMissing() {
		assertThat(decode("Invoice", "Create", "{\"number\":7}")).isEqualTo(fixture("createByDefault"));
		assertThat(decode("Stamp", "Stamp", "{\"text\":\"a\"}")).isEqualTo(fixture("stamp"));
	}

	@Test
	void whatIsMissingOrNullAgainstTheTypeIsRefused() {
		assertThatExceptionOfType(StepDecodingException.class).isThrownBy(() -> decode("Invoice", "Create", "{}"))
			.withMessageContaining("at number");
		assertThatExceptionOfType(StepDecodingException.class)
			.isThrownBy(() -> decode("Invoice", "Send", "{\"patience\":\"PT1S\"}"))
			.withMessageContaining("at to");
		assertThatExceptionOfType(StepDecodingException.class)
			.isThrownBy(() -> decode("Invoice", "Send", "{\"to\":null,\"patience\":\"PT1S\"}"))
			.withMessageContaining("at to");
		assertThatExceptionOfType(StepDecodingException.class)
			.isThrownBy(() -> decode("Invoice", "Create", "{\"number\":7,\"lines\":[{}]}"))
			.withMessageContaining("at lines[0].text");
		assertThatExceptionOfType(StepDecodingException.class).isThrownBy(() -> decode("Stamp", "Stamp", "{}"))
			.withMessageContaining("at text");
	}

	@Test
	void statesOfKotlinPassTheCheck() {
		assertThatCode(this.codec::verify).doesNotThrowAnyException();
	}

	@Test
	void aStateOfKotlinThatCannotBeReadBackIsRefused() {
		StepCodec scans = new StepCodec(JsonMapper.shared(),
				TaskRegistry.builder().step((Step<?, ?>) fixture("scanStep")).build());
		assertThatExceptionOfType(PgTaskConfigurationException.class).isThrownBy(scans::verify)
			.withMessageContaining("its component source is of type java.io.InputStream");
	}

	@Test
	void theModuleOfTheApplicationIsKept() {
		JsonMapper base = JsonMapper.builder().addModule(new KotlinModule.Builder().build()).build();
		assertThat(codec(base).decode(this.codec.encode(fixture("create")).text()).state())
			.isEqualTo(fixture("create"));
	}

	private Object fixture(String name) {
		return Objects.requireNonNull(this.fixture.get(name));
	}

	private Object decode(String taskType, String step, String state) {
		return this.codec.decode("{\"" + taskType + "\":{\"" + step + "\":" + state + "}}").state();
	}

	private StepCodec codec(JsonMapper base) {
		TaskRegistry.Builder registry = TaskRegistry.builder();
		for (String name : new String[] { "createStep", "sendStep", "closeStep", "stampStep" }) {
			registry.step((Step<?, ?>) fixture(name));
		}
		return new StepCodec(base, registry.build());
	}

	private static void compile(Path source, Path classes) {
		ByteArrayOutputStream messages = new ByteArrayOutputStream();
		String classpath = System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));
		ExitCode code = new K2JVMCompiler().exec(new PrintStream(messages, true, StandardCharsets.UTF_8),
				source.toString(), "-d", classes.toString(), "-classpath", classpath, "-no-stdlib", "-no-reflect",
				"-jvm-target", "17");
		assertThat(code).describedAs(messages.toString(StandardCharsets.UTF_8)).isEqualTo(ExitCode.OK);
	}

}
