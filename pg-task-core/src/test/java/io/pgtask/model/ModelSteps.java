package io.pgtask.model;

import java.time.Duration;
import java.util.function.BiFunction;

import io.pgtask.RetrySettings;
import io.pgtask.Step;
import io.pgtask.StepContext;
import io.pgtask.model.TaskKind.Errand;
import io.pgtask.model.TaskKind.Parcel;
import io.pgtask.registry.StepSettings;
import io.pgtask.registry.TaskRegistry;

import org.springframework.core.ResolvableType;

/**
 * The steps of {@link TaskKind}, all of which do what somebody else decides.
 */
final class ModelSteps {

	private ModelSteps() {
	}

	/**
	 * Register the steps.
	 * @param retry how they are retried
	 * @param delay how much later it is where they say so
	 * @param body decides how a step ends, from how far the task has come
	 */
	static TaskRegistry registry(RetrySettings retry, Duration delay, BiFunction<Integer, StepContext, Ending> body) {
		StepSettings settings = new StepSettings(retry, null);
		Step<Errand, Errand.Go> go = (state, context) -> body.apply(state.at(), context)
			.end(new Errand.Come(state.at() + 1), delay);
		Step<Errand, Errand.Come> come = (state, context) -> body.apply(state.at(), context)
			.end(new Errand.Go(state.at() + 1), delay);
		Step<Parcel, Parcel.Send> send = (state, context) -> body.apply(state.at(), context)
			.end(new Parcel.Sign(state.at() + 1), delay);
		Step<Parcel, Parcel.Sign> sign = (state, context) -> body.apply(state.at(), context)
			.end(new Parcel.Send(state.at() + 1), delay);
		return TaskRegistry.builder()
			.step(go, type(Errand.class, Errand.Go.class), settings, "go")
			.step(come, type(Errand.class, Errand.Come.class), settings, "come")
			.step(send, type(Parcel.class, Parcel.Send.class), settings, "send")
			.step(sign, type(Parcel.class, Parcel.Sign.class), settings, "sign")
			.build();
	}

	private static ResolvableType type(Class<?> taskType, Class<?> state) {
		return ResolvableType.forClassWithGenerics(Step.class, taskType, state);
	}

}
