package io.pgtask.sample;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import org.springframework.test.web.servlet.client.RestTestClient;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * The packaged application, started in a process of its own by the command in the README.
 */
final class SampleProcess implements AutoCloseable {

	private static final Duration TIMEOUT = Duration.ofMinutes(5);

	private static final Pattern PORT = Pattern.compile("Tomcat started on port (\\d+)");

	/** The bit of SIGINT among the signals that a Linux process ignores. */
	private static final long SIGINT = 0x2;

	private final Process process;

	private final Path log;

	private SampleProcess(Process process, Path log) {
		this.process = process;
		this.log = log;
	}

	/**
	 * Start the application and wait until it serves requests.
	 * @param directory the folder of its database
	 * @param properties properties to add to the command
	 */
	static SampleProcess start(Path directory, String... properties) throws IOException {
		List<String> command = new ArrayList<>(Readme.read().runCommand());
		command.set(0, Path.of(System.getProperty("java.home"), "bin", command.get(0)).toString());
		command.add("--server.port=0");
		command.add("--sample.postgres.port=0");
		command.add("--sample.postgres.directory=" + directory);
		command.addAll(List.of(properties));
		Path log = Files.createTempFile(directory, "sample-", ".log");
		Process process = new ProcessBuilder(command).directory(Readme.root().toFile())
			.redirectErrorStream(true)
			.redirectOutput(log.toFile())
			.start();
		SampleProcess sample = new SampleProcess(process, log);
		await().atMost(TIMEOUT).untilAsserted(() -> assertThat(sample.output()).contains("Started SampleApplication"));
		return sample;
	}

	RestTestClient rest() {
		Matcher port = PORT.matcher(output());
		assertThat(port.find()).isTrue();
		return RestTestClient.bindToServer().baseUrl("http://localhost:" + port.group(1)).build();
	}

	String output() {
		try {
			return Files.readString(this.log);
		}
		catch (IOException ex) {
			return "";
		}
	}

	/**
	 * Do what {@code kill -9} does.
	 */
	void kill() throws InterruptedException {
		this.process.destroyForcibly().waitFor();
	}

	/**
	 * Do what Ctrl-C does, and wait until the application has ended.
	 */
	void interrupt() throws IOException, InterruptedException {
		String signal = ignoresInterrupts() ? "-TERM" : "-INT";
		new ProcessBuilder("kill", signal, String.valueOf(this.process.pid())).start().waitFor();
		assertThat(this.process.waitFor(TIMEOUT.toSeconds(), TimeUnit.SECONDS)).isTrue();
	}

	@Override
	public void close() throws InterruptedException {
		this.process.destroy();
		if (!this.process.waitFor(TIMEOUT.toSeconds(), TimeUnit.SECONDS)) {
			kill();
		}
	}

	/**
	 * Whether the application was told to ignore Ctrl-C when it was started, as whatever
	 * a shell script starts in the background is; both signals end it in the same way.
	 */
	private boolean ignoresInterrupts() throws IOException {
		Path status = Path.of("/proc", String.valueOf(this.process.pid()), "status");
		if (!Files.exists(status)) {
			return false;
		}
		return Files.readAllLines(status)
			.stream()
			.filter((line) -> line.startsWith("SigIgn:"))
			.mapToLong((line) -> Long.parseUnsignedLong(line.substring("SigIgn:".length()).strip(), 16))
			.anyMatch((ignored) -> (ignored & SIGINT) != 0);
	}

}
