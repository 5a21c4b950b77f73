package io.pgtask.store;

import org.jspecify.annotations.Nullable;

/**
 * Recognizes the step in the text of a row without taking the text apart, which fails for
 * text that is no JSON.
 */
final class StepPattern {

	/** Longer than two names with all that may stand around them in a sensible text. */
	private static final int READ = 1000;

	// Every worker writes compact JSON. The regular expression, which costs far more, is
	// for what people write.
	static final String CONDITION = """
			CASE WHEN starts_with(left(t.step, {read}), :typeHead)
				THEN starts_with(left(t.step, {read}), :stepHead)
				ELSE left(t.step, {read}) ~ :stepPattern
			END""".replace("{read}", String.valueOf(READ));

	private static final String SPACE = "[ \\t\\n\\r]*";

	private static final String ANY_NAME = "\"(?:[^\"\\\\]|\\\\.)*\"";

	private StepPattern() {
	}

	/** How a type's compact JSON starts, or {@code null} if the type may be any. */
	static @Nullable String typeHead(@Nullable String taskType) {
		return (taskType != null) ? "{\"" + taskType + "\":{\"" : null;
	}

	/** How a step's compact JSON starts, or {@code null} if the type may be any. */
	static @Nullable String stepHead(@Nullable String taskType, String step) {
		return (taskType != null) ? "{\"" + taskType + "\":{" + quoted(step) : null;
	}

	/** What any JSON of a step matches. */
	static String pattern(String step) {
		return "^" + SPACE + "\\{" + SPACE + ANY_NAME + SPACE + ":" + SPACE + "\\{" + SPACE + literally(quoted(step))
				+ SPACE + ":";
	}

	static String quoted(String name) {
		return '"' + name.replace("\\", "\\\\").replace("\"", "\\\"") + '"';
	}

	/** An escaped character means itself, unless it is a letter or a digit. */
	private static String literally(String text) {
		return text.replaceAll("[\\p{Punct} ]", "\\\\$0");
	}

}
