package io.pgtask.faults;

import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import java.util.stream.Collectors;

import org.springframework.dao.DataAccessException;

/**
 * Records every ten seconds how large something is.
 */
final class Footprints implements AutoCloseable {

	private static final int SECONDS = 10;

	private final Journal journal;

	private final Supplier<Map<String, Long>> footprint;

	private final CountDownLatch closed = new CountDownLatch(1);

	private final Thread thread;

	/**
	 * Begin to record.
	 * @param footprint takes the measures, by name
	 */
	Footprints(Journal journal, Supplier<Map<String, Long>> footprint) {
		this.journal = journal;
		this.footprint = footprint;
		this.thread = new Thread(this::run, "footprints");
		this.thread.setDaemon(true);
		this.thread.start();
	}

	private void run() {
		try {
			while (!this.closed.await(SECONDS, TimeUnit.SECONDS)) {
				record();
			}
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
		}
	}

	private void record() {
		try {
			this.journal.write(Event.Kind.FOOTPRINT, "", "", format(this.footprint.get()));
		}
		catch (DataAccessException ex) {
			// The server is away, and asked again in ten seconds.
		}
	}

	private static String format(Map<String, Long> footprint) {
		return new TreeMap<>(footprint).entrySet()
			.stream()
			.map((measure) -> measure.getKey() + "=" + measure.getValue())
			.collect(Collectors.joining(" "));
	}

	/** Returns the measures of an event, by name. */
	static Map<String, Long> read(Event event) {
		Map<String, Long> measures = new TreeMap<>();
		for (String measure : event.detail().split(" ")) {
			String[] parts = measure.split("=");
			measures.put(parts[0], Long.valueOf(parts[1]));
		}
		return measures;
	}

	@Override
	public void close() throws InterruptedException {
		this.closed.countDown();
		this.thread.join();
	}

}
