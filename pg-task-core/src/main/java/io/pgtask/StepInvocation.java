package io.pgtask;

/**
 * An execution of a step as a {@link StepInterceptor} sees it.
 */
public interface StepInvocation {

	/**
	 * Return the context the step is called with.
	 * @return the context
	 */
	StepContext context();

	/**
	 * Return the state the step is called with.
	 * @return the state
	 */
	Object state();

	/**
	 * Call the next interceptor or the step.
	 * @return the transition
	 * @throws Exception if the attempt failed
	 */
	NextStep<?> proceed() throws Exception;

}
