package io.pgtask.sample.postgres;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * The file in a data directory that names the server running there, or the one that ran
 * there when the machine crashed.
 *
 * @param pid the server's process id
 * @param startedAt when the server started
 * @param port the port it listens on
 */
record PostmasterPid(long pid, Instant startedAt, int port) {

	/**
	 * The server notes its start in full seconds, and a process's start is known by clock
	 * ticks.
	 */
	private static final int TOLERANCE_SECONDS = 2;

	/**
	 * Return the file's path.
	 * @param data the data directory
	 * @return the path
	 */
	static Path in(Path data) {
		return data.resolve("postmaster.pid");
	}

	/**
	 * Read the file.
	 * @param data the data directory
	 * @return what it says, or empty if there is none or it is not yet complete
	 */
	static Optional<PostmasterPid> read(Path data) throws IOException {
		List<String> lines;
		try {
			lines = Files.readAllLines(in(data), StandardCharsets.ISO_8859_1);
		}
		catch (NoSuchFileException ex) {
			return Optional.empty();
		}
		if (lines.size() < 4) {
			return Optional.empty();
		}
		return Optional.of(new PostmasterPid(Long.parseLong(lines.get(0).strip()),
				Instant.ofEpochSecond(Long.parseLong(lines.get(2).strip())), Integer.parseInt(lines.get(3).strip())));
	}

	/**
	 * Return whether a process has the server's id, whatever process that is.
	 * @return whether the id is in use
	 */
	boolean isInUse() {
		return ProcessHandle.of(this.pid).isPresent();
	}

	/**
	 * Return whether the process with the server's id is another one that got the id
	 * later: after a restart of the machine, and all the more of a container, that is
	 * common.
	 * @return whether the id was given away
	 */
	boolean isReused() {
		return ProcessHandle.of(this.pid)
			.map(ProcessHandle::info)
			.filter((process) -> startedLater(process) || isAnotherProgram(process))
			.isPresent();
	}

	private boolean startedLater(ProcessHandle.Info process) {
		Instant latest = this.startedAt.plusSeconds(TOLERANCE_SECONDS);
		return process.startInstant().filter(latest::isBefore).isPresent();
	}

	private static boolean isAnotherProgram(ProcessHandle.Info process) {
		return process.command()
			.map((command) -> Path.of(command).getFileName().toString())
			.filter((name) -> !name.startsWith("postgres"))
			.isPresent();
	}

}
