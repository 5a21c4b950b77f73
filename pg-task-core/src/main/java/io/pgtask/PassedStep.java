package io.pgtask;

import java.time.Instant;

import org.jspecify.annotations.Nullable;

/**
 * A state that a task has passed.
 *
 * @param number which one of the task's states this was, from 1
 * @param step the persisted name of the step, or {@code null} if the row's text had none
 * @param leftAt when the task went on to the next one
 * @param tried the number of failed attempts of the step
 * @param delivery the number of claims of the step
 * @param error the error of the latest failed attempt, cut to 500 characters, or
 * {@code null}
 * @param worker the worker that ran the step, or {@code null} if it is not known
 */
public record PassedStep(int number, @Nullable String step, Instant leftAt, int tried, int delivery,
		@Nullable String error, @Nullable String worker) {

}
