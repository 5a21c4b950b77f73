package io.pgtask.sample.postgres;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;

/**
 * An application in a process of its own that uses the embedded server until it is closed
 * or killed.
 */
final class OtherApplication implements AutoCloseable {

	private final Process process;

	private final BufferedReader output;

	private int port;

	private OtherApplication(Process process) {
		this.process = process;
		this.output = process.inputReader(StandardCharsets.UTF_8);
	}

	/**
	 * Start an application and wait until it uses the server.
	 */
	static OtherApplication start(Path directory) throws IOException {
		OtherApplication application = launch(directory);
		application.port();
		return application;
	}

	/**
	 * Start an application without waiting for it.
	 */
	static OtherApplication launch(Path directory) throws IOException {
		Path java = Path.of(System.getProperty("java.home"), "bin", "java");
		return new OtherApplication(new ProcessBuilder(java.toString(), "-cp", System.getProperty("java.class.path"),
				Main.class.getName(), directory.toString())
			.redirectError(ProcessBuilder.Redirect.INHERIT)
			.start());
	}

	int port() {
		if (this.port == 0) {
			this.port = this.output.lines()
				.filter((line) -> line.startsWith(Main.PORT))
				.mapToInt((line) -> Integer.parseInt(line.substring(Main.PORT.length())))
				.findFirst()
				.orElseThrow(() -> new IllegalStateException("The other application has failed"));
		}
		return this.port;
	}

	void kill() throws InterruptedException {
		this.process.destroyForcibly().waitFor();
	}

	/**
	 * Let the application end, and wait until it has.
	 */
	@Override
	public void close() throws IOException, InterruptedException {
		this.process.getOutputStream().close();
		if (!this.process.waitFor(1, TimeUnit.MINUTES)) {
			kill();
			throw new IllegalStateException("The other application does not end");
		}
	}

	static final class Main {

		static final String PORT = "port=";

		private Main() {
		}

		public static void main(String[] args) throws IOException {
			EmbeddedPostgresProperties properties = new EmbeddedPostgresProperties(Path.of(args[0]), 0);
			try (EmbeddedPostgres postgres = EmbeddedPostgres.start(properties)) {
				System.out.println(PORT + postgres.port());
				while (System.in.read() >= 0) {
					// Until the test closes the stream.
				}
			}
		}

	}

}
