package io.pgtask.sample.postgres;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

import io.zonky.test.db.postgres.util.LinuxUtils;

/**
 * Runs PostgreSQL's own programs.
 */
class PostgresCommand {

	private final Path executables;

	PostgresCommand(Path executables) {
		this.executables = executables;
	}

	/**
	 * Run a program to its end.
	 * @param program the program, for instance {@code initdb}
	 * @param arguments its arguments
	 * @return what it printed
	 * @throws EmbeddedPostgresException if it failed, with what it printed
	 */
	String run(String program, String... arguments) {
		List<String> command = commandOf(program, arguments);
		try {
			// A file, not a pipe: a server started by pg_ctl may hold a pipe open for
			// ever.
			Path output = Files.createTempFile("pg-task-sample-" + program, ".log");
			try {
				int exitCode = run(command, output);
				String printed = Files.readString(output).strip();
				if (exitCode != 0) {
					throw new EmbeddedPostgresException(
							String.join(" ", command) + " failed with exit code " + exitCode + ": " + printed);
				}
				return printed;
			}
			finally {
				Files.deleteIfExists(output);
			}
		}
		catch (IOException ex) {
			throw new EmbeddedPostgresException("Cannot run " + String.join(" ", command), ex);
		}
	}

	private List<String> commandOf(String program, String... arguments) {
		List<String> command = new ArrayList<>();
		if (LinuxUtils.isUnshareAvailable()) {
			// PostgreSQL refuses to run as root; in a user namespace of its own it is
			// nobody.
			command.addAll(List.of("unshare", "-U"));
		}
		command.add(this.executables.resolve(program).toString());
		command.addAll(List.of(arguments));
		return command;
	}

	private static int run(List<String> command, Path output) throws IOException {
		ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(output.toFile());
		// Settings made for another PostgreSQL, such as PGDATA and PGPORT.
		builder.environment().keySet().removeIf((name) -> name.startsWith("PG"));
		builder.environment().put("LC_ALL", "C");
		try {
			return builder.start().waitFor();
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
			throw new EmbeddedPostgresException("Interrupted while waiting for " + command.get(0), ex);
		}
	}

}
