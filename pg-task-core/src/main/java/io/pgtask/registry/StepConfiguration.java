package io.pgtask.registry;

/**
 * Tells how steps are run.
 */
@FunctionalInterface
public interface StepConfiguration {

	/**
	 * Return how a step is run.
	 * @param taskType the persisted name of the task type
	 * @param step the persisted name of the step
	 * @return the settings
	 * @throws io.pgtask.PgTaskConfigurationException if what is said of the step makes no
	 * sense
	 */
	StepSettings settings(String taskType, String step);

}
