package io.pgtask.store;

import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.json.JsonFactory;

/**
 * The text of a row, taken apart for an operator to read: it may be anything that
 * somebody has written into the table.
 *
 * @param step the name of the step, or {@code null} if the text is not the state of a
 * step
 * @param state the JSON of the state exactly as it is written, or the whole text if it is
 * not the state of a step
 */
record StepText(@Nullable String step, String state) {

	private static final JsonFactory FACTORY = new JsonFactory();

	static StepText of(String text) {
		try (JsonParser parser = FACTORY.createParser(text)) {
			String step = enterStep(parser);
			int start = offset(parser);
			parser.skipChildren();
			if (step != null && parser.nextToken() == JsonToken.END_OBJECT) {
				int end = offset(parser);
				if (parser.nextToken() == JsonToken.END_OBJECT && parser.nextToken() == null) {
					return new StepText(step, text.substring(start, end).strip());
				}
			}
		}
		catch (JacksonException ignored) {
			// Somebody's text: the worker that parks the task says what is wrong with it.
		}
		return new StepText(null, text);
	}

	/**
	 * Take the beginning of a long text apart.
	 * @param text the beginning; the rest is replaced by an ellipsis
	 */
	static StepText ofBeginning(String text) {
		try (JsonParser parser = FACTORY.createParser(text)) {
			String step = enterStep(parser);
			if (step != null) {
				return new StepText(step, text.substring(offset(parser)) + "…");
			}
		}
		catch (JacksonException ignored) {
			// As above.
		}
		return new StepText(null, text + "…");
	}

	/** Move to the first token of the state. */
	private static @Nullable String enterStep(JsonParser parser) {
		if (parser.nextToken() != JsonToken.START_OBJECT || parser.nextName() == null
				|| parser.nextToken() != JsonToken.START_OBJECT) {
			return null;
		}
		String step = parser.nextName();
		parser.nextToken();
		return step;
	}

	private static int offset(JsonParser parser) {
		return (int) parser.currentTokenLocation().getCharOffset();
	}

}
