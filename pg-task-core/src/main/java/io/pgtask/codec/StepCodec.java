package io.pgtask.codec;

import java.util.IdentityHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

import io.pgtask.InvalidStateException;
import io.pgtask.PgTaskConfigurationException;
import io.pgtask.registry.ConfigurationFaults;
import io.pgtask.registry.StepDefinition;
import io.pgtask.registry.TaskNames;
import io.pgtask.registry.TaskRegistry;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.TokenStreamLocation;
import tools.jackson.core.exc.StreamReadException;
import tools.jackson.databind.JavaType;
import tools.jackson.databind.json.JsonMapper;

/**
 * Turns states into the text of a row and back. The text is one JSON object in another:
 * <code>{"Greeter":{"ReadName":{"filename":"name.txt"}}}</code>; a state without
 * components is {@code null}. Thread-safe.
 */
public final class StepCodec {

	private static final int MAX_NAME_IN_MESSAGE = 200;

	private final JsonMapper mapper;

	private final TaskRegistry registry;

	private final TextGuard guard;

	private final Map<Class<?>, StateWriter> writers = new ConcurrentHashMap<>();

	private final Map<StepDefinition, StateReader> readers = new IdentityHashMap<>();

	/**
	 * Create a codec.
	 * @param base the application's mapper, of which a copy with fixed settings is used
	 * @param registry the steps known here
	 */
	public StepCodec(JsonMapper base, TaskRegistry registry) {
		this.mapper = StateMapper.from(base);
		this.registry = registry;
		this.guard = new TextGuard(this.mapper);
		for (StepDefinition step : registry.steps()) {
			JavaType type = this.mapper.constructType(step.stateType());
			this.readers.put(step, new StateReader(step, this.mapper.readerFor(type)));
			this.writers.put(step.stateClass(), createWriter(step.stateClass(), type));
		}
	}

	/**
	 * Check that every registered state can be written and read back.
	 * @throws PgTaskConfigurationException if one cannot; it names the state and the
	 * component at fault
	 */
	public void verify() {
		ConfigurationFaults faults = new ConfigurationFaults();
		StateVerifier verifier = new StateVerifier(this.mapper, this, faults);
		this.registry.steps().forEach(verifier::verify);
		faults.throwIfAny();
	}

	/**
	 * Encode a state, whether or not its step is registered here.
	 * @param state the state
	 * @return the text and the names in it
	 * @throws InvalidStateException if the state belongs to no task, cannot be written,
	 * could not be read back, or contains a character that PostgreSQL cannot hold
	 */
	public EncodedStep encode(Object state) {
		Class<?> type = state.getClass();
		StateWriter writer = this.writers.get(type);
		if (writer == null) {
			writer = createWriter(type, this.mapper.constructType(type));
			this.writers.put(type, writer);
		}
		return writer.write(state);
	}

	private StateWriter createWriter(Class<?> type, JavaType jsonType) {
		return new StateWriter(type, TaskNames.of(type), this.mapper.writerFor(jsonType), this.guard);
	}

	/**
	 * Decode the text of a row.
	 * @param text the text
	 * @return the step and its state
	 * @throws StepDecodingException if the text is not the state of a step known here
	 */
	public DecodedStep decode(String text) {
		try (JsonParser parser = this.mapper.createParser(text)) {
			return decode(parser);
		}
		catch (StreamReadException ex) {
			TokenStreamLocation location = ex.getLocation();
			String place = "(line " + location.getLineNr() + ", column " + location.getColumnNr() + ")";
			throw new StepDecodingException("it is not JSON: " + ex.getOriginalMessage() + " " + place,
					"it is not JSON " + place, ex);
		}
		catch (JacksonException ex) {
			throw new StepDecodingException("it cannot be read: " + ex.getOriginalMessage(), "it cannot be read", ex);
		}
	}

	private DecodedStep decode(JsonParser parser) {
		String taskType = enter(parser, "the task type");
		String step = enter(parser, "the step");
		StepDefinition definition = find(taskType, step);
		Object state = Objects.requireNonNull(this.readers.get(definition)).read(parser);
		leave(parser, "the step");
		leave(parser, "the task type");
		if (parser.nextToken() != null) {
			throw new StepDecodingException("there is more text behind the end of the JSON object", null);
		}
		return new DecodedStep(definition, state);
	}

	/** Move the parser from an object to the value of its first property. */
	private static String enter(JsonParser parser, String what) {
		JsonToken token = (parser.currentToken() != null) ? parser.currentToken() : parser.nextToken();
		String name = (token == JsonToken.START_OBJECT) ? parser.nextName() : null;
		if (name == null) {
			throw new StepDecodingException(
					"expected a JSON object with the name of " + what + " such as {\"Task\":{\"Step\":…}}", null);
		}
		parser.nextToken();
		return name;
	}

	private static void leave(JsonParser parser, String what) {
		if (parser.nextToken() != JsonToken.END_OBJECT) {
			throw new StepDecodingException("there is another property beside the name of " + what, null);
		}
	}

	private StepDefinition find(String taskType, String step) {
		StepDefinition definition = this.registry.find(taskType, step);
		if (definition != null) {
			return definition;
		}
		Set<String> known = this.registry.stepNames(taskType);
		throw new StepDecodingException(
				known.isEmpty() ? "no task type '" + shorten(taskType) + "' is known here" : "the task type '"
						+ taskType + "' has no step '" + shorten(step) + "' here, only " + String.join(", ", known),
				null);
	}

	private static String shorten(String name) {
		return (name.length() > MAX_NAME_IN_MESSAGE) ? name.substring(0, MAX_NAME_IN_MESSAGE) + "…" : name;
	}

}
