package io.pgtask;

/**
 * One step of a task: the code that runs when a task is in the state {@code S}.
 * <p>
 * An implementation is a Spring bean annotated with {@link TaskStep}. It is called by
 * many threads at once and must not keep per-task data in fields. A step runs at least
 * once for every state a task enters; once its {@link NextStep} has been saved it never
 * runs again for that state.
 *
 * @param <T> the task type, normally a sealed interface that lists the states of all
 * steps
 * @param <S> the state this step runs for; the same type as {@code T} for a task of a
 * single step
 */
@FunctionalInterface
public interface Step<T, S extends T> {

	/**
	 * Run the step.
	 * @param state the state as it was saved by the enqueuing code or by the previous
	 * step, never {@code null}
	 * @param context what is known about this execution, never {@code null}
	 * @return where the task goes from here, never {@code null}
	 * @throws Exception if the attempt failed; the step is retried as {@link TaskStep}
	 * says, and parked with the error text when no retry is left
	 */
	NextStep<T> run(S state, StepContext context) throws Exception;

}
