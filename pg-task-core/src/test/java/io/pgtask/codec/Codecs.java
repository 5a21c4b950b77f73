package io.pgtask.codec;

import java.util.Objects;

import io.pgtask.NextStep;
import io.pgtask.RetrySettings;
import io.pgtask.Step;
import io.pgtask.registry.TaskRegistry;
import tools.jackson.databind.json.JsonMapper;

import org.springframework.core.ParameterizedTypeReference;
import org.springframework.core.ResolvableType;

/**
 * Codecs for single-step tasks, and what they do to a state.
 */
final class Codecs {

	private Codecs() {
	}

	static StepCodec of(Class<?>... stateTypes) {
		return of(JsonMapper.shared(), stateTypes);
	}

	static StepCodec of(JsonMapper base, Class<?>... stateTypes) {
		TaskRegistry.Builder registry = TaskRegistry.builder();
		for (Class<?> type : stateTypes) {
			addTo(registry, ResolvableType.forClass(type));
		}
		return new StepCodec(base, registry.build());
	}

	static StepCodec of(ParameterizedTypeReference<?> stateType) {
		TaskRegistry.Builder registry = TaskRegistry.builder();
		addTo(registry, ResolvableType.forType(stateType));
		return new StepCodec(JsonMapper.shared(), registry.build());
	}

	private static void addTo(TaskRegistry.Builder registry, ResolvableType type) {
		Step<Object, Object> step = (state, context) -> NextStep.done();
		registry.step(step, ResolvableType.forClassWithGenerics(Step.class, type, type), RetrySettings.DEFAULT,
				"bean '" + Objects.requireNonNull(type.resolve()).getSimpleName() + "'");
	}

	/** The JSON of a state, without the names around it. */
	static String json(StepCodec codec, Object state) {
		EncodedStep encoded = codec.encode(state);
		String prefix = "{\"" + encoded.taskType() + "\":{\"" + encoded.step() + "\":";
		return encoded.text().substring(prefix.length(), encoded.text().length() - 2);
	}

	static String json(Object state) {
		return json(of(state.getClass()), state);
	}

	/** The state that is read from its JSON, without the names around it. */
	@SuppressWarnings("unchecked")
	static <S> S read(StepCodec codec, Class<S> type, String json) {
		String name = type.getSimpleName();
		return (S) codec.decode("{\"" + name + "\":{\"" + name + "\":" + json + "}}").state();
	}

	static <S> S read(Class<S> type, String json) {
		return read(of(type), type, json);
	}

	/** The state after it was written and read. */
	@SuppressWarnings("unchecked")
	static <S> S roundTrip(S state) {
		StepCodec codec = of(state.getClass());
		return (S) codec.decode(codec.encode(state).text()).state();
	}

}
