package io.pgtask.codec;

import io.pgtask.InvalidStateException;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.databind.json.JsonMapper;

/**
 * Refuses the JSON of a state that PostgreSQL could not hold or that could not be read
 * back. One cheap pass looks for signs of either; only a text that shows one is parsed,
 * to be sure and to name the property.
 */
final class TextGuard {

	/** The levels the names of the task type and the step add. */
	private static final int ENVELOPE_DEPTH = 2;

	private static final String ESCAPED_NUL = "u0000";

	private final JsonMapper mapper;

	private final int maxDepth;

	private final int maxNameLength;

	private final int maxStringLength;

	private final int maxScalarLength;

	private final boolean unusualLimits;

	TextGuard(JsonMapper mapper) {
		StreamReadConstraints limits = mapper.tokenStreamFactory().streamReadConstraints();
		this.mapper = mapper;
		this.maxDepth = limits.getMaxNestingDepth() - ENVELOPE_DEPTH;
		this.maxNameLength = limits.getMaxNameLength();
		this.maxStringLength = limits.getMaxStringLength();
		this.maxScalarLength = limits.getMaxNumberLength();
		this.unusualLimits = limits.hasMaxDocumentLength() || limits.hasMaxTokenCount();
	}

	/**
	 * Check the JSON of a state.
	 * @param prefix what is put in front of the state in the row
	 * @param json the state
	 * @param suffix what is put behind the state in the row
	 * @param type the class of the state
	 * @return the text of the row
	 * @throws InvalidStateException if the text is refused
	 */
	String check(String prefix, String json, String suffix, Class<?> type) {
		String text = prefix + json + suffix;
		if (this.unusualLimits || isSuspicious(json)) {
			parse(text, type);
		}
		return text;
	}

	private boolean isSuspicious(String json) {
		int depth = 0;
		int length = json.length();
		int scalarStart = 0;
		for (int i = 0; i < length; i++) {
			char c = json.charAt(i);
			if (c == '"') {
				int end = endOfString(json, i + 1);
				if (end < 0) {
					return true;
				}
				i = end;
				scalarStart = end;
			}
			else if (c == '{' || c == '[') {
				depth++;
				scalarStart = i;
				if (depth > this.maxDepth) {
					return true;
				}
			}
			else if (c == '}' || c == ']') {
				depth--;
			}
			else if (c == ',') {
				scalarStart = i;
			}
			else if (c == 0 || Character.isSurrogate(c) || i - scalarStart > this.maxScalarLength) {
				return true;
			}
		}
		return false;
	}

	/**
	 * The index of the closing quote, or a negative number if the string is suspicious.
	 */
	private int endOfString(String json, int start) {
		int length = json.length();
		for (int i = start; i < length; i++) {
			char c = json.charAt(i);
			if (c == '"') {
				boolean name = i + 1 < length && json.charAt(i + 1) == ':';
				return (i - start > (name ? this.maxNameLength : this.maxStringLength)) ? -1 : i;
			}
			if (c == '\\') {
				i++;
				if (json.startsWith(ESCAPED_NUL, i)) {
					return -1;
				}
			}
			else if (c == 0) {
				return -1;
			}
			else if (Character.isSurrogate(c)) {
				boolean pair = Character.isHighSurrogate(c) && i + 1 < length
						&& Character.isLowSurrogate(json.charAt(i + 1));
				if (!pair) {
					return -1;
				}
				i++;
			}
		}
		return -1;
	}

	private void parse(String text, Class<?> type) {
		try (JsonParser parser = this.mapper.createParser(text)) {
			for (JsonToken token = parser.nextToken(); token != null; token = parser.nextToken()) {
				String problem = problemOf(parser, token);
				if (problem != null) {
					throw refusal(type, PropertyPath.of(parser.streamReadContext(), ENVELOPE_DEPTH), problem, null);
				}
			}
		}
		catch (JacksonException ex) {
			throw refusal(type, "", "could not be read back: " + ex.getOriginalMessage(), ex);
		}
	}

	private static @Nullable String problemOf(JsonParser parser, JsonToken token) {
		if (token != JsonToken.PROPERTY_NAME && !token.isScalarValue()) {
			return null;
		}
		String value = parser.getString();
		if (value.indexOf('\0') >= 0) {
			return "contains the character \\u0000, which PostgreSQL cannot hold; remove it, or use a byte[]";
		}
		if (value.codePoints().anyMatch((codePoint) -> Character.getType(codePoint) == Character.SURROGATE)) {
			return "contains half of a surrogate pair, which is no character and cannot be saved";
		}
		return null;
	}

	private static InvalidStateException refusal(Class<?> type, String path, String problem,
			@Nullable Throwable cause) {
		String where = path.isEmpty() ? "it " : "its property " + path + " ";
		return new InvalidStateException(
				"The state " + type.getTypeName() + " cannot be saved: " + where + problem + ".", cause);
	}

}
