package io.pgtask.registry;

import io.pgtask.NextStep;
import io.pgtask.Step;
import io.pgtask.StepContext;

/**
 * A step whose types are all that matters.
 *
 * @param <T> the task type
 * @param <S> the state
 */
abstract class NoOpStep<T, S extends T> implements Step<T, S> {

	@Override
	public NextStep<T> run(S state, StepContext context) {
		return NextStep.done();
	}

}
