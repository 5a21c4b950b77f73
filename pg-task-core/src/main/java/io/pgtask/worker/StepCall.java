package io.pgtask.worker;

import java.util.List;

import io.pgtask.NextStep;
import io.pgtask.Step;
import io.pgtask.StepContext;
import io.pgtask.StepInterceptor;
import io.pgtask.StepInvocation;

/**
 * One call of a step through the interceptors that are left.
 */
record StepCall(Step<?, ?> step, Object state, StepContext context,
		List<StepInterceptor> interceptors) implements StepInvocation {

	@Override
	public NextStep<?> proceed() throws Exception {
		if (this.interceptors.isEmpty()) {
			return run(this.step);
		}
		List<StepInterceptor> rest = this.interceptors.subList(1, this.interceptors.size());
		return this.interceptors.get(0).intercept(new StepCall(this.step, this.state, this.context, rest));
	}

	/** The registry has checked that the state is of the step's type. */
	@SuppressWarnings("unchecked")
	private <T, S extends T> NextStep<T> run(Step<T, S> step) throws Exception {
		return step.run((S) this.state, this.context);
	}

}
