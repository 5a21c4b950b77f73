package io.pgtask.faults;

import java.io.FileOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;

/**
 * The history of one process: a file outside the database, a line for each event. A line
 * is with the operating system before the call returns, so that {@code kill -9} loses
 * nothing that has happened.
 */
final class Journal implements AutoCloseable {

	static final String EXTENSION = ".history";

	private static final String SEPARATOR = "\t";

	private static final int FIELDS = 10;

	private final FileOutputStream file;

	Journal(Path directory, String process) throws IOException {
		this.file = new FileOutputStream(directory.resolve(process + EXTENSION).toFile(), true);
	}

	/** The clock of the machine. */
	static long now() {
		return ChronoUnit.MICROS.between(Instant.EPOCH, Instant.now());
	}

	void write(Event.Kind kind, String task) {
		write(kind, task, "", "");
	}

	void write(Event.Kind kind, String task, String step, String detail) {
		write(new Event(kind, "", now(), task, step, "", 0, 0, detail, true), "");
	}

	/**
	 * Write an event.
	 * @param transaction the number of the transaction that may yet be rolled back, or an
	 * empty string
	 */
	void write(Event event, String transaction) {
		String line = String.join(SEPARATOR, event.kind().name(), event.process(), Long.toString(event.at()),
				event.task(), event.step(), event.token(), Long.toString(event.sent()), Long.toString(event.lease()),
				transaction, event.detail().replaceAll("\\s+", " "));
		try {
			this.file.write((line + "\n").getBytes(StandardCharsets.UTF_8));
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	static Entry read(String line, String process) {
		String[] fields = line.split(SEPARATOR, FIELDS);
		Event event = new Event(Event.Kind.valueOf(fields[0]), fields[1].isEmpty() ? process : fields[1],
				Long.parseLong(fields[2]), fields[3], fields[4], fields[5], Long.parseLong(fields[6]),
				Long.parseLong(fields[7]), fields[9], true);
		return new Entry(event, fields[8].isEmpty() ? "" : process + " " + fields[8]);
	}

	@Override
	public void close() throws IOException {
		this.file.close();
	}

	/**
	 * A line.
	 *
	 * @param transaction that of the event, unique among all processes, or an empty
	 * string
	 */
	record Entry(Event event, String transaction) {
	}

}
