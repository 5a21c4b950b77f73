package io.pgtask.observation;

import io.micrometer.common.KeyValues;
import io.pgtask.observation.PgTaskObservation.LowCardinalityKeys;

/**
 * The default {@link EnqueueObservationConvention}.
 */
public class DefaultEnqueueObservationConvention implements EnqueueObservationConvention {

	@Override
	public String getName() {
		return "pgtask.enqueue";
	}

	@Override
	public String getContextualName(EnqueueObservationContext context) {
		return "enqueue " + context.getTaskType();
	}

	@Override
	public KeyValues getLowCardinalityKeyValues(EnqueueObservationContext context) {
		return KeyValues.of(LowCardinalityKeys.TYPE.withValue(context.getTaskType()),
				LowCardinalityKeys.STEP.withValue(context.getStep()));
	}

}
