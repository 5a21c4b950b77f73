package io.pgtask.store;

import java.nio.charset.StandardCharsets;

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

}
