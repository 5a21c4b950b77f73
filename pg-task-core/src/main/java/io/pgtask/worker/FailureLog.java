package io.pgtask.worker;

import io.pgtask.registry.StepDefinition;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Logs failed attempts, in the name of what runs the steps: with what the application
 * says about them, or without, because that may repeat what their states hold.
 */
final class FailureLog {

	private static final Logger logger = LoggerFactory.getLogger(StepRunner.class);

	private final boolean messages;

	FailureLog(boolean messages) {
		this.messages = messages;
	}

	void retried(Execution execution, StepDefinition step, Throwable failure) {
		safely(execution, step, failure, () -> {
			logger.warn("Step {} of task {} ({}) failed in attempt {} and will be retried: {}", step.step(),
					execution.id(), step.taskType(), execution.tried() + 1,
					this.messages ? failure.toString() : failure.getClass().getName());
			logger.debug("The failure of task {}", execution.id(), told(failure));
		});
	}

	void parked(Execution execution, StepDefinition step, Throwable failure) {
		safely(execution, step, failure,
				() -> logger.error("Step {} of task {} ({}) failed in attempt {} and is parked", step.step(),
						execution.id(), step.taskType(), execution.tried() + 1, told(failure)));
	}

	void parked(Execution execution, StepDefinition step, String reason, @Nullable Throwable cause) {
		safely(execution, step, cause,
				() -> logger.error("Step {} of task {} ({}) failed in attempt {} and is parked: {}", step.step(),
						execution.id(), step.taskType(), execution.tried() + 1, told(reason),
						(cause != null) ? told(cause) : null));
	}

	/** What may be logged of a text of the application. */
	String told(String text) {
		return this.messages ? text : "(not logged, see pg-task.failures.log-messages)";
	}

	/** What may be logged of a failure of the application. */
	Throwable told(Throwable failure) {
		return this.messages ? failure : FailureWithoutMessage.of(failure);
	}

	/** Loggers ask an exception for more than it may be able to tell. */
	private static void safely(Execution execution, StepDefinition step, @Nullable Throwable failure, Runnable log) {
		try {
			log.run();
		}
		catch (Throwable ex) {
			logger.error("Step {} of task {} ({}) failed in attempt {} with a {} that cannot be logged: {}",
					step.step(), execution.id(), step.taskType(), execution.tried() + 1,
					(failure != null) ? failure.getClass().getName() : "failure", ex.getClass().getName());
		}
	}

}
