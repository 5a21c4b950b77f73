package io.pgtask.observation;

import io.micrometer.observation.Observation;
import io.micrometer.observation.ObservationRegistry;
import io.pgtask.NextStep;
import io.pgtask.StepInterceptor;
import io.pgtask.StepInvocation;
import io.pgtask.observation.StepObservationContext.Outcome;
import org.jspecify.annotations.Nullable;

import org.springframework.core.Ordered;

/**
 * Observes every execution of a step, in the trace in which its task was enqueued.
 */
public final class ObservationStepInterceptor implements StepInterceptor, Ordered {

	/** Outside the application's own interceptors, with room for some further out. */
	public static final int ORDER = Ordered.HIGHEST_PRECEDENCE + 1000;

	private static final StepObservationConvention DEFAULT_CONVENTION = new DefaultStepObservationConvention();

	private final ObservationRegistry registry;

	private final @Nullable StepObservationConvention convention;

	/**
	 * Create an interceptor.
	 * @param registry where to observe
	 * @param convention names the observation and its keys, or {@code null} for the
	 * default
	 */
	public ObservationStepInterceptor(ObservationRegistry registry, @Nullable StepObservationConvention convention) {
		this.registry = registry;
		this.convention = convention;
	}

	@Override
	public NextStep<?> intercept(StepInvocation invocation) throws Exception {
		StepObservationContext context = new StepObservationContext(invocation.context());
		Observation observation = PgTaskObservation.STEP.observation(this.convention, DEFAULT_CONVENTION, () -> context,
				this.registry);
		return observation.observeChecked(() -> proceed(invocation, context));
	}

	private static NextStep<?> proceed(StepInvocation invocation, StepObservationContext context) throws Exception {
		try {
			NextStep<?> next = invocation.proceed();
			context.setOutcome(outcome(next));
			return next;
		}
		finally {
			if (context.getOutcome() == Outcome.UNKNOWN) {
				context.setOutcome(invocation.context().isCancelled() ? Outcome.CANCELLED : Outcome.FAILED);
			}
		}
	}

	private static Outcome outcome(@Nullable NextStep<?> next) {
		if (next instanceof NextStep.Done) {
			return Outcome.DONE;
		}
		if (next == null || next instanceof NextStep.Retry || next instanceof NextStep.Fail) {
			return Outcome.FAILED;
		}
		if (next instanceof NextStep.Cancel) {
			return Outcome.CANCELLED;
		}
		return (next instanceof NextStep.Later) ? Outcome.POSTPONED : Outcome.NEXT;
	}

	@Override
	public int getOrder() {
		return ORDER;
	}

}
