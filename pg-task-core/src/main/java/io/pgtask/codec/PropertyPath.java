package io.pgtask.codec;

import java.util.List;

import tools.jackson.core.JacksonException;
import tools.jackson.core.TokenStreamContext;

/**
 * Where in a state something is, such as {@code lines[2].text}.
 */
final class PropertyPath {

	private static final int MAX_LENGTH = 300;

	private PropertyPath() {
	}

	/**
	 * Return the path an exception of Jackson carries.
	 * @param ex the exception
	 * @return the path, empty for the state itself
	 */
	static String of(JacksonException ex) {
		StringBuilder path = new StringBuilder();
		List<JacksonException.Reference> references = ex.getPath();
		for (JacksonException.Reference reference : references) {
			if (reference.getPropertyName() != null) {
				appendName(path, reference.getPropertyName());
			}
			else if (reference.getIndex() >= 0) {
				appendIndex(path, reference.getIndex());
			}
		}
		return shorten(path);
	}

	/**
	 * Return the path of a parser's current token.
	 * @param context the parser's context
	 * @param depth how many of the outermost objects are no part of the path
	 * @return the path, empty for the root
	 */
	static String of(TokenStreamContext context, int depth) {
		StringBuilder path = new StringBuilder();
		append(path, context, depth);
		return shorten(path);
	}

	private static String shorten(StringBuilder path) {
		return (path.length() > MAX_LENGTH) ? path.substring(0, MAX_LENGTH) + "…" : path.toString();
	}

	private static void append(StringBuilder path, TokenStreamContext context, int depth) {
		if (context.getNestingDepth() <= depth) {
			return;
		}
		append(path, context.getParent(), depth);
		if (context.inObject() && context.currentName() != null) {
			appendName(path, context.currentName());
		}
		else if (context.inArray()) {
			appendIndex(path, context.getCurrentIndex());
		}
	}

	/**
	 * The path ends up in messages that are saved, so it must not repeat what cannot be.
	 */
	private static void appendName(StringBuilder path, String name) {
		path.append(path.isEmpty() ? "" : ".");
		name.codePoints().map((codePoint) -> isPrintable(codePoint) ? codePoint : '?').forEach(path::appendCodePoint);
	}

	private static boolean isPrintable(int codePoint) {
		return !Character.isISOControl(codePoint) && Character.getType(codePoint) != Character.SURROGATE;
	}

	private static void appendIndex(StringBuilder path, int index) {
		path.append('[').append(index).append(']');
	}

}
