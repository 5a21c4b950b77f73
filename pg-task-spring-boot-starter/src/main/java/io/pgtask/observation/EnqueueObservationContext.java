package io.pgtask.observation;

import java.util.Map;

import io.micrometer.observation.transport.Kind;
import io.micrometer.observation.transport.SenderContext;

/**
 * What is known when a task is enqueued. The carrier is the task's headers.
 */
public class EnqueueObservationContext extends SenderContext<Map<String, String>> {

	private final String taskType;

	private final String step;

	/**
	 * Create a context.
	 * @param taskType the persisted name of the task type
	 * @param step the persisted name of the first step
	 * @param headers the task's headers, modifiable
	 */
	public EnqueueObservationContext(String taskType, String step, Map<String, String> headers) {
		super((carrier, key, value) -> {
			if (carrier != null) {
				carrier.put(key, value);
			}
		}, Kind.PRODUCER);
		this.taskType = taskType;
		this.step = step;
		setCarrier(headers);
	}

	/**
	 * Return the task type.
	 * @return the persisted name of the task type
	 */
	public String getTaskType() {
		return this.taskType;
	}

	/**
	 * Return the first step.
	 * @return the persisted name of the step
	 */
	public String getStep() {
		return this.step;
	}

}
