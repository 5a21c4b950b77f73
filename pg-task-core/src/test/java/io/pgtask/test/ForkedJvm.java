package io.pgtask.test;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * A JVM with the class path of the tests, which can be killed or made to stand still. Its
 * main class should end when its standard input does, so that it never outlives the test.
 */
public final class ForkedJvm implements AutoCloseable {

	private final Process process;

	private final Path output;

	private ForkedJvm(Process process, Path output) {
		this.process = process;
		this.output = output;
	}

	/**
	 * Starts a JVM.
	 * @param main its main class
	 * @param output the file for what it writes
	 * @param arguments the arguments of the main class
	 * @return the running process
	 * @throws IOException if it cannot be started
	 */
	public static ForkedJvm start(Class<?> main, Path output, List<String> arguments) throws IOException {
		return start(main, output, Map.of(), arguments);
	}

	/**
	 * Starts a JVM in a changed environment.
	 * @param main its main class
	 * @param output the file for what it writes
	 * @param environment what is added to the environment
	 * @param arguments the arguments of the main class
	 * @return the running process
	 * @throws IOException if it cannot be started
	 */
	public static ForkedJvm start(Class<?> main, Path output, Map<String, String> environment, List<String> arguments)
			throws IOException {
		List<String> command = new ArrayList<>(
				List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-XX:TieredStopAtLevel=1",
						"-XX:+UseSerialGC", "-Xmx128m", "-cp", System.getProperty("java.class.path"), main.getName()));
		command.addAll(arguments);
		ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true)
			.redirectOutput(ProcessBuilder.Redirect.appendTo(output.toFile()));
		builder.environment().putAll(environment);
		return new ForkedJvm(builder.start(), output);
	}

	/**
	 * Returns whether the process runs.
	 * @return whether it has not ended
	 */
	public boolean isAlive() {
		return this.process.isAlive();
	}

	/**
	 * Kills the process as {@code kill -9} does, and waits until it is dead.
	 */
	public void kill() {
		this.process.destroyForcibly().onExit().join();
	}

	/**
	 * Makes the whole process stand still.
	 * @throws Exception if the signal cannot be sent
	 */
	public void freeze() throws Exception {
		signal("STOP");
	}

	/**
	 * Lets the process go on.
	 * @throws Exception if the signal cannot be sent
	 */
	public void thaw() throws Exception {
		signal("CONT");
	}

	private void signal(String name) throws Exception {
		int result = new ProcessBuilder("kill", "-" + name, Long.toString(this.process.pid())).inheritIO()
			.start()
			.waitFor();
		if (result != 0) {
			throw new IllegalStateException("kill -" + name + " has failed with " + result);
		}
	}

	/**
	 * Writes a character to the standard input of the process.
	 * @param order what to write
	 * @throws IOException if the process does not read any more
	 */
	public void tell(char order) throws IOException {
		this.process.getOutputStream().write(order);
		this.process.getOutputStream().flush();
	}

	/**
	 * Fails if the process has ended by an exception of its main method.
	 * @throws IOException if its output cannot be read
	 */
	public void requireStarted() throws IOException {
		String written = Files.readString(this.output);
		if (!this.process.isAlive() && written.contains("Exception in thread \"main\"")) {
			throw new IllegalStateException(written);
		}
	}

	/**
	 * Ends its standard input, and kills it if it does not end by that.
	 */
	@Override
	public void close() throws Exception {
		if (this.process.isAlive()) {
			this.process.getOutputStream().close();
			if (!this.process.waitFor(20, TimeUnit.SECONDS)) {
				kill();
			}
		}
	}

}
