package io.pgtask.observation;

import java.util.Locale;
import java.util.Map;

import io.micrometer.observation.transport.Kind;
import io.micrometer.observation.transport.ReceiverContext;
import io.pgtask.StepContext;

/**
 * What is known about an execution of a step. The carrier is the headers the task was
 * enqueued with.
 */
public class StepObservationContext extends ReceiverContext<Map<String, String>> {

	private final StepContext stepContext;

	private Outcome outcome = Outcome.UNKNOWN;

	/**
	 * Create a context.
	 * @param stepContext the context the step is called with
	 */
	public StepObservationContext(StepContext stepContext) {
		super((carrier, key) -> (carrier != null) ? carrier.get(key) : null, Kind.CONSUMER);
		this.stepContext = stepContext;
		setCarrier(stepContext.headers());
	}

	/**
	 * Return the context the step is called with.
	 * @return the step's context
	 */
	public StepContext getStepContext() {
		return this.stepContext;
	}

	/**
	 * Return how the execution ended.
	 * @return the outcome, {@link Outcome#UNKNOWN} while it goes on
	 */
	public Outcome getOutcome() {
		return this.outcome;
	}

	void setOutcome(Outcome outcome) {
		this.outcome = outcome;
	}

	/**
	 * How an execution ended, as far as the step knows: whether a failed one is retried,
	 * and whether a transition could be saved, is decided afterwards.
	 */
	public enum Outcome {

		/** The step returned the end of the task. */
		DONE,

		/** The step returned another state. */
		NEXT,

		/** The step wants to run again later. */
		POSTPONED,

		/** The step threw an exception, or returned a failure. */
		FAILED,

		/**
		 * The step ended its task without being done, or threw an exception after its
		 * lease was lost, its time was over or its worker stopped.
		 */
		CANCELLED,

		/** The execution goes on. */
		UNKNOWN;

		/**
		 * Return the value of the key {@code pgtask.outcome}.
		 * @return the name in lower case
		 */
		public String asString() {
			return name().toLowerCase(Locale.ROOT);
		}

	}

}
