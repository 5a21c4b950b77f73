package io.pgtask.codec;

import io.pgtask.PgTaskException;
import org.jspecify.annotations.Nullable;

/**
 * The text of a row that cannot be turned into the state of a step known here. The
 * message says why and names the place, without repeating the whole state.
 */
public class StepDecodingException extends PgTaskException {

	private static final String PREFIX = "can't deserialize step (the task was likely changed between the scheduling"
			+ " and running of the step): ";

	private final String problem;

	private final String place;

	/**
	 * Create an exception.
	 * @param problem what is wrong with the text
	 * @param cause the cause, or {@code null}
	 */
	public StepDecodingException(String problem, @Nullable Throwable cause) {
		this(problem, problem, cause);
	}

	/**
	 * Create an exception whose message repeats a part of the state.
	 * @param problem what is wrong with the text
	 * @param place the same without anything that the state holds
	 * @param cause the cause, or {@code null}
	 */
	StepDecodingException(String problem, String place, @Nullable Throwable cause) {
		super(PREFIX + problem, cause);
		this.problem = problem;
		this.place = place;
	}

	/**
	 * Return what is wrong with the text, without a guess at how that came.
	 * @return the problem
	 */
	public String problem() {
		return this.problem;
	}

	/**
	 * Return what is wrong without anything that the state holds, so that it can be
	 * logged.
	 * @return where the problem is
	 */
	public String place() {
		return this.place;
	}

}
