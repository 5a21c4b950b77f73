package io.pgtask.faults;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link History} and {@link Journal}.
 */
class HistoryTests {

	@TempDir
	private Path directory;

	@Test
	void ofATransactionThatWasRolledBackNothingIsRead() throws IOException {
		try (Journal journal = new Journal(this.directory, "node")) {
			journal.write(event(Event.Kind.FINISH, "plain-1", 1), "1");
			journal.write(event(Event.Kind.ROLLBACK, "", 2), "1");
			journal.write(event(Event.Kind.FINISH, "plain-2", 3), "2");
			journal.write(event(Event.Kind.COMMIT, "", 4), "2");
			journal.write(event(Event.Kind.FINISH, "plain-3", 5), "3");
		}
		History history = History.read(this.directory);
		assertThat(history.only(Event.Kind.FINISH)).extracting(Event::task).containsExactly("plain-2", "plain-3");
		assertThat(history.only(Event.Kind.FINISH)).extracting(Event::sure).containsExactly(true, false);
		assertThat(history.count(Event.Kind.COMMIT)).isZero();
	}

	@Test
	void theJournalsOfAllProcessesAreOneHistory() throws IOException {
		try (Journal one = new Journal(this.directory, "one"); Journal other = new Journal(this.directory, "other")) {
			one.write(event(Event.Kind.START, "plain-1", 20), "");
			other.write(event(Event.Kind.CLAIM, "plain-1", 10), "");
			other.write(event(Event.Kind.FINISH, "plain-1", 30), "");
		}
		TaskStory story = History.read(this.directory).stories().iterator().next();
		assertThat(story.events()).extracting(Event::kind)
			.containsExactly(Event.Kind.CLAIM, Event.Kind.START, Event.Kind.FINISH);
		assertThat(story.events()).extracting(Event::process).containsExactly("other", "one", "other");
	}

	@Test
	void halfALineIsNoEvent() throws IOException {
		try (Journal journal = new Journal(this.directory, "node")) {
			journal.write(event(Event.Kind.START, "plain-1", 1), "");
		}
		Path file = this.directory.resolve("node" + Journal.EXTENSION);
		Files.writeString(file, "START\t\t12", StandardOpenOption.APPEND);
		assertThat(History.read(this.directory).only(Event.Kind.START)).hasSize(1);
	}

	private static Event event(Event.Kind kind, String task, long at) {
		return new Event(kind, "", at, task, "First", "token", 0, 0, "with\ta tab\nand a line", true);
	}

}
