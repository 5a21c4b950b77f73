package io.pgtask;

/**
 * Wraps every execution of a step on the thread that runs it: for tracing, security or
 * tenant context and the like. Interceptors are called in the order of the beans, the
 * first one outermost.
 */
@FunctionalInterface
public interface StepInterceptor {

	/**
	 * Run the step, or what remains of the chain, by {@link StepInvocation#proceed()}.
	 * @param invocation the execution
	 * @return the transition, normally that of {@code proceed()}
	 * @throws Exception if the attempt failed
	 */
	NextStep<?> intercept(StepInvocation invocation) throws Exception;

}
