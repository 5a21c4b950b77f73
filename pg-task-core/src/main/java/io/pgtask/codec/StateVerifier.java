package io.pgtask.codec;

import io.pgtask.InvalidStateException;
import io.pgtask.registry.ConfigurationFaults;
import io.pgtask.registry.StepDefinition;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JavaType;
import tools.jackson.databind.json.JsonMapper;

/**
 * Finds out at start-up whether the states of a step can be read back from their own
 * JSON: by the types they consist of, and by the round trip of a sample where one can be
 * made.
 */
final class StateVerifier {

	private static final String SAMPLE_ACTION = "Make what Jackson writes and what it reads agree: look at the"
			+ " annotations of the state, and at the custom serializers and deserializers for what it consists of.";

	private final JsonMapper mapper;

	private final StepCodec codec;

	private final ConfigurationFaults faults;

	StateVerifier(JsonMapper mapper, StepCodec codec, ConfigurationFaults faults) {
		this.mapper = mapper;
		this.codec = codec;
		this.faults = faults;
	}

	void verify(StepDefinition step) {
		JavaType type = this.mapper.constructType(step.stateType());
		try {
			new StateTypeCheck(this.mapper).check(type);
			Object sample = new StateSample(this.mapper).create(type);
			if (sample != null) {
				verifySample(sample);
			}
		}
		catch (UnreadableTypeException ex) {
			this.faults.add("The state " + step.stateType().getTypeName() + " of the step " + step.origin()
					+ " cannot be read back from its own JSON: " + ex.getMessage() + ".", ex.getAction());
		}
	}

	private void verifySample(Object sample) throws UnreadableTypeException {
		String written;
		String writtenAgain;
		Object read;
		try {
			written = this.codec.encode(sample).text();
			read = this.codec.decode(written).state();
			writtenAgain = this.codec.encode(read).text();
		}
		catch (InvalidStateException | StepDecodingException ex) {
			if (isRefusedByTheApplication(ex)) {
				return;
			}
			throw new UnreadableTypeException("a sample fails: " + ex.getMessage(), SAMPLE_ACTION);
		}
		// Each alone may be harmless: arrays are not equal, and an encryption may be
		// random.
		if (!written.equals(writtenAgain) && !sample.equals(read)) {
			throw new UnreadableTypeException("a sample changes by it, from " + written + " to " + writtenAgain,
					SAMPLE_ACTION);
		}
	}

	/** Code of the application may refuse a sample although it takes its own states. */
	private static boolean isRefusedByTheApplication(Exception ex) {
		for (Throwable cause = ex.getCause(); cause != null; cause = cause.getCause()) {
			if (!(cause instanceof JacksonException)) {
				return true;
			}
		}
		return false;
	}

}
