package io.pgtask.faults;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * What all processes have recorded, in the order in which it happened. What was rolled
 * back is not part of it.
 */
final class History {

	private final List<Event> events;

	private final Map<String, TaskStory> stories;

	History(List<Event> events) {
		this.events = events.stream().sorted(Comparator.comparingLong(Event::at)).toList();
		this.stories = this.events.stream()
			.filter((event) -> !event.task().isEmpty())
			.collect(Collectors.groupingBy(Event::task, TreeMap::new,
					Collectors.collectingAndThen(Collectors.toList(), TaskStory::new)));
	}

	/** Reads the journals of a directory. */
	static History read(Path directory) throws IOException {
		List<Journal.Entry> entries = new ArrayList<>();
		try (Stream<Path> files = Files.list(directory)) {
			for (Path file : files.filter((path) -> path.toString().endsWith(Journal.EXTENSION)).toList()) {
				String process = file.getFileName().toString().replace(Journal.EXTENSION, "");
				// A process that dies while it writes may leave half a line behind.
				String text = Files.readString(file);
				text.substring(0, text.lastIndexOf('\n') + 1)
					.lines()
					.forEach((line) -> entries.add(Journal.read(line, process)));
			}
		}
		return of(entries);
	}

	private static History of(List<Journal.Entry> entries) {
		Set<String> committed = ended(entries, Event.Kind.COMMIT);
		Set<String> rolledBack = ended(entries, Event.Kind.ROLLBACK);
		return new History(entries.stream()
			.filter((entry) -> !isEnd(entry.event()) && !rolledBack.contains(entry.transaction()))
			.map((entry) -> (entry.transaction().isEmpty() || committed.contains(entry.transaction())) ? entry.event()
					: entry.event().unsure())
			.toList());
	}

	private static Set<String> ended(List<Journal.Entry> entries, Event.Kind how) {
		return entries.stream()
			.filter((entry) -> entry.event().kind() == how)
			.map(Journal.Entry::transaction)
			.collect(Collectors.toCollection(HashSet::new));
	}

	private static boolean isEnd(Event event) {
		return event.kind() == Event.Kind.COMMIT || event.kind() == Event.Kind.ROLLBACK;
	}

	Collection<TaskStory> stories() {
		return this.stories.values();
	}

	List<Event> only(Event.Kind kind) {
		return this.events.stream().filter((event) -> event.kind() == kind).toList();
	}

	int count(Event.Kind kind) {
		return only(kind).size();
	}

}
