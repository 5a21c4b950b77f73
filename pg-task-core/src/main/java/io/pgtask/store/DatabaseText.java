package io.pgtask.store;

import java.nio.charset.StandardCharsets;
import java.util.Collection;
import java.util.stream.Collectors;

import org.jspecify.annotations.Nullable;

/**
 * Which strings the database can hold.
 */
final class DatabaseText {

	private DatabaseText() {
	}

	/**
	 * Whether there is neither a NUL character nor half a surrogate pair in a string.
	 */
	static boolean canHold(String text) {
		return text.indexOf('\0') < 0 && StandardCharsets.UTF_8.newEncoder().canEncode(text);
	}

	/** Whether no text of the database can be equal to a string. */
	static boolean cannotMatch(@Nullable String text) {
		return text != null && !canHold(text);
	}

	/** Write strings as an array literal of PostgreSQL. */
	static String arrayLiteral(Collection<String> texts) {
		return texts.stream()
			.map((text) -> '"' + text.replace("\\", "\\\\").replace("\"", "\\\"") + '"')
			.collect(Collectors.joining(",", "{", "}"));
	}

}
