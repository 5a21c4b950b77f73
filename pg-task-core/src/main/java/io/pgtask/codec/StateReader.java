package io.pgtask.codec;

import io.pgtask.registry.StepDefinition;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.databind.DatabindException;
import tools.jackson.databind.ObjectReader;

/**
 * Reads the states of one step.
 */
final class StateReader {

	private static final int MAX_MESSAGE = 1000;

	private final StepDefinition definition;

	private final ObjectReader reader;

	StateReader(StepDefinition definition, ObjectReader reader) {
		this.definition = definition;
		this.reader = reader;
	}

	/**
	 * Read a state.
	 * @param parser the parser, at the first token of the state; it is left behind the
	 * last
	 * @return the state
	 */
	Object read(JsonParser parser) {
		Object state;
		try {
			// A record that had no components when it was saved may have got optional
			// ones.
			state = (parser.currentToken() == JsonToken.VALUE_NULL) ? this.reader.readValue("{}")
					: this.reader.readValue(parser);
		}
		catch (DatabindException ex) {
			throw failure(PropertyPath.of(ex), ex.getOriginalMessage(), ex);
		}
		catch (JacksonException ex) {
			// The text itself is at fault, not the state.
			throw ex;
		}
		catch (RuntimeException | LinkageError ex) {
			throw failure("", String.valueOf(ex), ex);
		}
		catch (StackOverflowError ex) {
			throw failure("", "it is nested too deeply for the stack of the thread", ex);
		}
		if (state == null) {
			throw failure("", "it was read as null", null);
		}
		return state;
	}

	private StepDecodingException failure(String path, String problem, @Nullable Throwable cause) {
		String shortened = (problem.length() > MAX_MESSAGE) ? problem.substring(0, MAX_MESSAGE) + "…" : problem;
		String place = "the state does not fit " + this.definition.stateType().getTypeName();
		return new StepDecodingException(place + (path.isEmpty() ? "" : " at " + path) + ": " + shortened, place,
				cause);
	}

}
