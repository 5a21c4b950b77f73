package io.pgtask.observation;

import io.micrometer.common.KeyValues;
import io.pgtask.StepContext;
import io.pgtask.observation.PgTaskObservation.HighCardinalityKeys;
import io.pgtask.observation.PgTaskObservation.LowCardinalityKeys;

/**
 * The default {@link StepObservationConvention}.
 */
public class DefaultStepObservationConvention implements StepObservationConvention {

	@Override
	public String getName() {
		return "pgtask.step";
	}

	@Override
	public String getContextualName(StepObservationContext context) {
		return context.getStepContext().taskType() + " " + context.getStepContext().step();
	}

	@Override
	public KeyValues getLowCardinalityKeyValues(StepObservationContext context) {
		StepContext step = context.getStepContext();
		return KeyValues.of(LowCardinalityKeys.TYPE.withValue(step.taskType()),
				LowCardinalityKeys.STEP.withValue(step.step()),
				LowCardinalityKeys.OUTCOME.withValue(context.getOutcome().asString()));
	}

	@Override
	public KeyValues getHighCardinalityKeyValues(StepObservationContext context) {
		StepContext step = context.getStepContext();
		return KeyValues.of(HighCardinalityKeys.ID.withValue(step.taskId().toString()),
				HighCardinalityKeys.ATTEMPT.withValue(Integer.toString(step.attempt())),
				HighCardinalityKeys.DELIVERY.withValue(Integer.toString(step.delivery())));
	}

}
