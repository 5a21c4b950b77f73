package io.pgtask.worker;

import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.Set;

import org.jspecify.annotations.Nullable;

/**
 * A failure as one line for the table: the message with its causes.
 */
final class ErrorText {

	private static final int LONGEST = 10_000;

	private ErrorText() {
	}

	static String of(Throwable failure) {
		StringBuilder text = new StringBuilder();
		Set<Throwable> seen = Collections.newSetFromMap(new IdentityHashMap<>());
		@Nullable Throwable cause = failure;
		while (cause != null && seen.add(cause) && text.length() <= LONGEST) {
			text.append(text.isEmpty() ? "" : ": ").append(describe(cause));
			cause = causeOf(cause);
		}
		return storable(text.toString());
	}

	private static String describe(Throwable failure) {
		String name = failure.getClass().getName();
		try {
			String message = failure.getMessage();
			return (message != null) ? name + ": " + message : name;
		}
		// The methods of an exception are code of the application, too.
		catch (Throwable ex) {
			return name + " (whose message cannot be read: " + ex.getClass().getName() + ")";
		}
	}

	private static @Nullable Throwable causeOf(Throwable failure) {
		try {
			return failure.getCause();
		}
		catch (Throwable ex) {
			return null;
		}
	}

	/**
	 * Make a text fit for PostgreSQL's {@code text}, which holds neither NUL nor half a
	 * surrogate pair: an error must never be lost because of its own message.
	 */
	static String storable(String text) {
		return storable(text, LONGEST);
	}

	/**
	 * Make a text fit, and cut it to another length.
	 */
	static String storable(String text, int longest) {
		String cut = (text.length() > longest) ? text.substring(0, longest) + "…" : text;
		StringBuilder storable = new StringBuilder(cut.length());
		cut.codePoints()
			.map((codePoint) -> (codePoint == 0 || (codePoint >= 0xD800 && codePoint <= 0xDFFF)) ? 0xFFFD : codePoint)
			.forEach(storable::appendCodePoint);
		return storable.toString();
	}

}
