package io.pgtask.benchmark;

import java.nio.file.Files;
import java.nio.file.Path;

import io.pgtask.benchmark.contender.Contenders;
import org.jspecify.annotations.Nullable;

/**
 * A contender that takes part, possibly more than once with other versions of pg-task.
 *
 * @param name its name in the table
 * @param contender the contender
 * @param classes the directory of the classes of core to use instead of the present ones
 */
record Entrant(String name, Contenders contender, @Nullable Path classes) {

	/**
	 * Read an entrant.
	 * @param text the name of a contender, for another version of core followed by
	 * {@code @} and a directory of classes
	 */
	static Entrant of(String text) {
		int at = text.indexOf('@');
		if (at < 0) {
			return new Entrant(text, Contenders.of(text), null);
		}
		Path classes = Path.of(text.substring(at + 1)).toAbsolutePath();
		if (!Files.isDirectory(classes)) {
			throw new IllegalArgumentException("There is no directory %s".formatted(classes));
		}
		return new Entrant(text, Contenders.of(text.substring(0, at)), classes);
	}

}
