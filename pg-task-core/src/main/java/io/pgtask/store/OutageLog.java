package io.pgtask.store;

import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Where all parts of the engine tell that they have trouble with the database, and that
 * it is over. The log is told how things stand, and not every time they change: what
 * happened while no line might be written is told with the next one, and what has passed
 * by then is only counted. Thread-safe.
 */
public final class OutageLog {

	/**
	 * The log of this process.
	 */
	public static final OutageLog PROCESS = new OutageLog(LinePace.PROCESS);

	private static final Logger logger = LoggerFactory.getLogger(OutageLog.class);

	private final LinePace pace;

	/** The parts that the log believes to be in the other state. */
	private final Set<Part> untold = new LinkedHashSet<>();

	private int passed;

	private volatile boolean pending;

	OutageLog(LinePace pace) {
		this.pace = pace;
	}

	/**
	 * Add a part, which has no trouble yet.
	 * @param name what the log calls it, after "The"
	 * @return the part
	 */
	public Part part(String name) {
		return new Part(name);
	}

	/**
	 * Tell what could not be told before. Every part that works does so by itself.
	 */
	public void tell() {
		if (this.pending) {
			tellInTurn();
		}
	}

	private synchronized void changed(Part part) {
		if (part.ended) {
			return;
		}
		if (part.down == part.toldDown) {
			this.untold.remove(part);
			this.passed++;
		}
		else {
			this.untold.add(part);
		}
		this.pending = !this.untold.isEmpty();
		tell();
	}

	private synchronized void tellInTurn() {
		if (this.untold.isEmpty() || !this.pace.take()) {
			return;
		}
		List<Part> down = this.untold.stream().filter((part) -> part.down).toList();
		List<Part> parts = down.isEmpty() ? List.copyOf(this.untold) : down;
		if (down.isEmpty()) {
			logger.info("{} again{}", subject(parts, "works", "work"), passed());
		}
		else {
			logger.warn("{} again until the database answers: {}{}",
					subject(parts, "cannot work and tries", "cannot work and try"), parts.get(0).failure, passed());
		}
		parts.forEach((part) -> part.toldDown = part.down);
		parts.forEach(this.untold::remove);
		this.pending = !this.untold.isEmpty();
		this.passed = 0;
	}

	/** Several workers of a process have parts of the same name. */
	private static String subject(List<Part> parts, String singular, String plural) {
		List<String> names = parts.stream().map((part) -> part.name).distinct().toList();
		String verb = (names.size() == 1) ? singular : plural;
		String last = names.get(names.size() - 1);
		String others = names.subList(0, names.size() - 1).stream().collect(Collectors.joining(", "));
		return "The " + (others.isEmpty() ? last : others + " and " + last) + " " + verb;
	}

	private String passed() {
		return (this.passed == 0) ? "" : " (" + this.passed + " interruptions have passed since the last line)";
	}

	/**
	 * A part of the engine that works with the database.
	 */
	public final class Part {

		private final String name;

		private volatile boolean down;

		private boolean toldDown;

		private boolean ended;

		private String failure = "";

		private Part(String name) {
			this.name = name;
		}

		/**
		 * The part cannot work.
		 * @param failure why
		 */
		public void failed(Throwable failure) {
			if (this.down) {
				tell();
				return;
			}
			synchronized (OutageLog.this) {
				this.down = true;
				this.failure = failure.toString();
				changed(this);
			}
			logger.debug("The failure of the {}", this.name, failure);
		}

		/**
		 * The part works.
		 */
		public void succeeded() {
			if (!this.down) {
				tell();
				return;
			}
			synchronized (OutageLog.this) {
				this.down = false;
				changed(this);
			}
		}

		/**
		 * The part has ended, and nobody needs to know any more how it is: whatever is
		 * cut short by a stop fails.
		 */
		public void end() {
			synchronized (OutageLog.this) {
				this.ended = true;
				OutageLog.this.untold.remove(this);
				OutageLog.this.pending = !OutageLog.this.untold.isEmpty();
			}
		}

	}

}
