package io.pgtask.security;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;

/**
 * The SQL of {@code docs/security.md}.
 */
enum SecurityGuide {

	ADMINISTRATOR, WORKER, PRODUCER, PRODUCER_WITH_KEYS, READER;

	private static final Path GUIDE = Path.of("../docs/security.md");

	private static final Pattern SQL = Pattern.compile("(?ms)^```sql\\R(.*?)^```$");

	String sql() {
		List<String> blocks = blocks();
		if (blocks.size() != values().length) {
			throw new AssertionError(
					"The guide has not %d blocks of SQL but %d".formatted(values().length, blocks.size()));
		}
		return blocks.get(ordinal());
	}

	private static List<String> blocks() {
		try {
			return SQL.matcher(Files.readString(GUIDE)).results().map((match) -> match.group(1)).toList();
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

}
