package io.pgtask.outages;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The clock of one process, which can be set while the process runs, and its time zone.
 * Its monotonic clock stays what it is.
 */
final class FakeClock {

	private static final Path LIBRARIES = Path.of("/usr/lib");

	private final Path file;

	private final String zone;

	FakeClock(Path file, String zone, Duration offset) throws IOException {
		this.file = file;
		this.zone = zone;
		set(offset);
	}

	static boolean isInstalled() {
		return library().isPresent();
	}

	/** Sets the clock, by its difference to the true time. */
	void set(Duration offset) throws IOException {
		// The process reads the file whenever it asks for the time.
		Path next = this.file.resolveSibling(this.file.getFileName() + ".next");
		Files.writeString(next, "%+d\n".formatted(offset.toSeconds()));
		Files.move(next, this.file, StandardCopyOption.ATOMIC_MOVE);
	}

	/** Returns what makes a process believe in this clock. */
	Map<String, String> environment() {
		return Map.of("LD_PRELOAD", library().orElseThrow().toString(), "FAKETIME_TIMESTAMP_FILE", this.file.toString(),
				"FAKETIME_NO_CACHE", "1", "FAKETIME_DONT_FAKE_MONOTONIC", "1",
				// Otherwise the library ends timed waits at once, which no wrong clock
				// does.
				"FAKETIME_FORCE_MONOTONIC_FIX", "0", "TZ", this.zone);
	}

	private static Optional<Path> library() {
		if (!Files.isDirectory(LIBRARIES)) {
			return Optional.empty();
		}
		try (Stream<Path> directories = Files.list(LIBRARIES)) {
			return directories.map((directory) -> directory.resolve("faketime/libfaketime.so.1"))
				.filter(Files::isRegularFile)
				.findFirst();
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

}
