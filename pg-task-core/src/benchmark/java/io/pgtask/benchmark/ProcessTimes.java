package io.pgtask.benchmark;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;

import org.jspecify.annotations.Nullable;

/**
 * What processes of this machine have used of its processors, as Linux tells it.
 */
final class ProcessTimes {

	private static final Path PROC = Path.of("/proc");

	/** The unit of the kernel's figures, the same on every architecture in use. */
	private static final double TICKS_PER_SECOND = 100.0;

	private static final double NANOS_PER_SECOND = 1e9;

	private ProcessTimes() {
	}

	/**
	 * Return the time used by a process.
	 * @return seconds, or {@code null} if this machine does not tell
	 */
	static @Nullable Double ofProcess(long pid) {
		Stat stat = Stat.of(pid);
		return (stat != null) ? stat.ownTicks() / TICKS_PER_SECOND : null;
	}

	/**
	 * Return the time used by a PostgreSQL server, with all its processes, those that
	 * have ended included.
	 * @param backend any of them
	 * @return seconds, or {@code null} if the server is not on this machine or it does
	 * not tell
	 */
	static @Nullable Double ofServer(long backend) {
		Stat member = Stat.of(backend);
		if (member == null || !member.command().startsWith("postgres")) {
			return null;
		}
		long postmaster = member.parent();
		double seconds = 0;
		for (Map.Entry<Long, Stat> process : all().entrySet()) {
			if (process.getKey() == postmaster) {
				seconds += process.getValue().endedChildrenTicks() / TICKS_PER_SECOND;
			}
			if (process.getKey() == postmaster || process.getValue().parent() == postmaster) {
				seconds += ofSingleThread(process.getKey(), process.getValue());
			}
		}
		return seconds;
	}

	/** Ticks are rounded down, which adds up when there are many processes. */
	private static double ofSingleThread(long pid, Stat stat) {
		try {
			String schedule = Files.readString(PROC.resolve(pid + "/schedstat"));
			return Long.parseLong(schedule.substring(0, schedule.indexOf(' '))) / NANOS_PER_SECOND;
		}
		catch (IOException ex) {
			return stat.ownTicks() / TICKS_PER_SECOND;
		}
	}

	private static Map<Long, Stat> all() {
		Map<Long, Stat> processes = new HashMap<>();
		try (DirectoryStream<Path> directories = Files.newDirectoryStream(PROC, "[0-9]*")) {
			for (Path directory : directories) {
				long pid = Long.parseLong(directory.getFileName().toString());
				Stat stat = Stat.of(pid);
				if (stat != null) {
					processes.put(pid, stat);
				}
			}
		}
		catch (IOException ex) {
			return processes;
		}
		return processes;
	}

	/** A line of {@code /proc/<pid>/stat}. */
	private record Stat(String command, long parent, long ownTicks, long endedChildrenTicks) {

		static @Nullable Stat of(long pid) {
			try {
				String line = Files.readString(PROC.resolve(pid + "/stat"));
				int end = line.lastIndexOf(')');
				String[] fields = line.substring(end + 2).split(" ", -1);
				return new Stat(line.substring(line.indexOf('(') + 1, end), Long.parseLong(fields[1]),
						Long.parseLong(fields[11]) + Long.parseLong(fields[12]),
						Long.parseLong(fields[13]) + Long.parseLong(fields[14]));
			}
			catch (IOException ex) {
				return null;
			}
		}

	}

}
