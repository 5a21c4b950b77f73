package io.pgtask.worker;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;

import io.pgtask.test.TestDatabase;

/**
 * A worker in a process of its own, which can be killed or made to stand still.
 */
final class ForkedWorker implements AutoCloseable {

	private final Process process;

	private final Path output;

	private ForkedWorker(Process process, Path output) {
		this.process = process;
		this.output = output;
	}

	static ForkedWorker start(String name, TestDatabase database, int concurrency, Duration lease, int maxDeliveries,
			Path directory) throws IOException {
		Path output = directory.resolve(name + ".log");
		Process process = new ProcessBuilder(List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString(),
				"-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-Xmx128m", "-cp", System.getProperty("java.class.path"),
				WorkerProcess.class.getName(), name, database.url(), database.username(), database.password(),
				Integer.toString(concurrency), lease.toString(), Integer.toString(maxDeliveries)))
			.redirectErrorStream(true)
			.redirectOutput(output.toFile())
			.start();
		return new ForkedWorker(process, output);
	}

	boolean isAlive() {
		return this.process.isAlive();
	}

	/** Kills the process as {@code kill -9} does, and waits until it is dead. */
	void kill() {
		this.process.destroyForcibly().onExit().join();
	}

	/** Makes the whole process stand still. */
	void freeze() throws Exception {
		signal("STOP");
	}

	/** Lets the process go on. */
	void thaw() throws Exception {
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

	/** Fails if the process could not even start its worker. */
	void requireStarted() throws IOException {
		String output = Files.readString(this.output);
		if (!this.process.isAlive() && output.contains("Exception in thread \"main\"")) {
			throw new IllegalStateException(output);
		}
	}

	/** Lets the worker stop as an application that shuts down does. */
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
