package io.pgtask.observation;

import io.micrometer.common.docs.KeyName;
import io.micrometer.observation.Observation.Context;
import io.micrometer.observation.ObservationConvention;
import io.micrometer.observation.docs.ObservationDocumentation;

/**
 * The observations of pg-task and their keys.
 */
public enum PgTaskObservation implements ObservationDocumentation {

	/**
	 * A task is enqueued. It marks the moment and lasts no time: the row may be part of a
	 * transaction that goes on for long, or never commits.
	 */
	ENQUEUE {

		@Override
		public Class<? extends ObservationConvention<? extends Context>> getDefaultConvention() {
			return DefaultEnqueueObservationConvention.class;
		}

		@Override
		public KeyName[] getLowCardinalityKeyNames() {
			return new KeyName[] { LowCardinalityKeys.TYPE, LowCardinalityKeys.STEP };
		}

	},

	/**
	 * An execution of a step, on the thread that runs it.
	 */
	STEP {

		@Override
		public Class<? extends ObservationConvention<? extends Context>> getDefaultConvention() {
			return DefaultStepObservationConvention.class;
		}

		@Override
		public KeyName[] getLowCardinalityKeyNames() {
			return LowCardinalityKeys.values();
		}

		@Override
		public KeyName[] getHighCardinalityKeyNames() {
			return HighCardinalityKeys.values();
		}

	};

	/**
	 * The keys with few values: tags of metrics and of spans.
	 */
	public enum LowCardinalityKeys implements KeyName {

		/** The persisted name of the task type. */
		TYPE {

			@Override
			public String asString() {
				return "pgtask.type";
			}

		},

		/** The persisted name of the step. */
		STEP {

			@Override
			public String asString() {
				return "pgtask.step";
			}

		},

		/** How the execution ended: a {@link StepObservationContext.Outcome}. */
		OUTCOME {

			@Override
			public String asString() {
				return "pgtask.outcome";
			}

		}

	}

	/**
	 * The keys with many values: tags of spans only.
	 */
	public enum HighCardinalityKeys implements KeyName {

		/** The task's id. */
		ID {

			@Override
			public String asString() {
				return "pgtask.id";
			}

		},

		/** Which attempt of the step this is, from 1. */
		ATTEMPT {

			@Override
			public String asString() {
				return "pgtask.attempt";
			}

		},

		/** How often the task was claimed since it entered the step, from 1. */
		DELIVERY {

			@Override
			public String asString() {
				return "pgtask.delivery";
			}

		}

	}

}
