package io.pgtask.worker;

import java.time.Duration;

import io.pgtask.LeaseLostException;
import io.pgtask.NextStep;
import io.pgtask.StepTimeoutException;
import io.pgtask.registry.StepDefinition;

/**
 * Calls a step whose time is measured. One that comes back after it has failed, even if
 * it comes back with a transition: nobody can tell whether it went on in spite of its
 * interruption, or because of it.
 */
final class TimedCall {

	private TimedCall() {
	}

	static NextStep<?> proceed(Execution execution, StepDefinition definition, StepCall call) throws Exception {
		Duration timeout = definition.timeout();
		execution.clock().start(definition, timeout);
		NextStep<?> next;
		try {
			next = call.proceed();
		}
		catch (Throwable ex) {
			if (execution.clock().stop() && timeout != null) {
				throw new StepTimeoutException(timeout, ex);
			}
			throw ex;
		}
		if (execution.clock().stop() && timeout != null) {
			throw new StepTimeoutException(timeout, null);
		}
		if (execution.isAbandoned()) {
			throw new LeaseLostException("The task has ended without its step, which ignored that it was cancelled");
		}
		return next;
	}

}
