package io.pgtask.examples;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;

import io.pgtask.NextStep;
import io.pgtask.Step;
import io.pgtask.StepContext;
import io.pgtask.TaskStep;
import io.pgtask.test.PostgresTest;
import io.pgtask.test.TestDatabase;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.awaitility.Awaitility.await;

/**
 * The greeter: it fails until the world is fixed, and then goes on.
 */
@PostgresTest
class TutorialExampleTests {

	private final FirstAttempt context = new FirstAttempt();

	@TempDir
	private Path directory = Path.of("");

	@Test
	void readNameReadsTheFileAndGoesOnToTheGreeting() throws IOException {
		Path file = Files.writeString(this.directory.resolve("name.txt"), "Fritz");
		assertThat(new ReadNameStep().run(new Greeter.ReadName(file.toString()), this.context))
			.isEqualTo(NextStep.now(new Greeter.SayHello("Fritz")));
	}

	@Test
	void readNameKeepsTheContentExactly() throws IOException {
		Path file = Files.writeString(this.directory.resolve("name.txt"), " Fritz \n\u00a0\u2603\n");
		assertThat(new ReadNameStep().run(new Greeter.ReadName(file.toString()), this.context))
			.isEqualTo(NextStep.now(new Greeter.SayHello(" Fritz \n\u00a0\u2603\n")));
	}

	@Test
	void readNameFailsWithoutTheFile() {
		String missing = this.directory.resolve("missing.txt").toString();
		assertThatExceptionOfType(NoSuchFileException.class)
			.isThrownBy(() -> new ReadNameStep().run(new Greeter.ReadName(missing), this.context))
			.withMessageContaining("missing.txt");
	}

	@Test
	void sayHelloEndsTheTask() {
		SayHelloStep step = new SayHelloStep();
		assertThat(step.run(new Greeter.SayHello("Fritz"), this.context)).isEqualTo(NextStep.done());
		assertThat(step.greetings).containsExactly("Hello, Fritz");
	}

	@Test
	void aMissingFileIsRetriedUntilTheWorldIsFixed(TestDatabase database) throws Exception {
		SayHelloStep sayHello = new SayHelloStep();
		Path file = this.directory.resolve("name.txt");
		try (ExampleWorker worker = new ExampleWorker(database, new ReadNameStep(), sayHello)) {
			worker.start();
			UUID id = worker.client().enqueue(new Greeter.ReadName(file.toString()));
			await().until(() -> worker.jdbc().sql("""
					SELECT count(*) FROM pg_task
					WHERE id = ? AND tried = 6 AND error LIKE '%NoSuchFileException: %name.txt' AND locked_by IS NULL
					""").param(id).query(Integer.class).single() == 1);
			assertThat(sayHello.greetings).isEmpty();
			Files.writeString(file, "Fritz");
			worker.jdbc().sql("UPDATE pg_task SET error = NULL WHERE id = ?").param(id).update();
			await().until(() -> worker.tasks() == 0);
			assertThat(sayHello.greetings).containsExactly("Hello, Fritz");
		}
	}

	sealed interface Greeter {

		record ReadName(String filename) implements Greeter {
		}

		record SayHello(String name) implements Greeter {
		}

	}

	@TaskStep(maxRetries = 5, retryDelay = "10ms")
	private static final class ReadNameStep implements Step<Greeter, Greeter.ReadName> {

		@Override
		public NextStep<Greeter> run(Greeter.ReadName state, StepContext context) throws IOException {
			return NextStep.now(new Greeter.SayHello(Files.readString(Path.of(state.filename()))));
		}

	}

	private static final class SayHelloStep implements Step<Greeter, Greeter.SayHello> {

		private final List<String> greetings = new CopyOnWriteArrayList<>();

		@Override
		public NextStep<Greeter> run(Greeter.SayHello state, StepContext context) {
			this.greetings.add("Hello, " + state.name());
			return NextStep.done();
		}

	}

}
