package io.pgtask;

/**
 * Decides whether a step may run now: a feature flag, a quota, a maintenance window. It
 * is asked before every execution of a step, on the thread of the step and before the
 * transaction of a transactional one, and must decide quickly. Whatever it decides is no
 * attempt of the step.
 * <p>
 * Beans of this type are asked in their order, until one does not let the step proceed. A
 * gate that throws an exception puts the task off for ten seconds.
 */
@FunctionalInterface
public interface StepGate {

	/**
	 * Decide about an execution.
	 * @param request what is to be run
	 * @return what becomes of it
	 * @throws Exception if the gate cannot tell; the task is put off
	 */
	GateDecision decide(GateRequest request) throws Exception;

	/**
	 * Return whether this gate is to be asked about a step.
	 * @param taskType the persisted name of the task type
	 * @param step the persisted name of the step
	 * @return whether to ask; by default always
	 */
	default boolean guards(String taskType, String step) {
		return true;
	}

}
