package io.pgtask.autoconfigure;

import io.pgtask.worker.Worker;
import io.pgtask.worker.WorkerBuilder;

/**
 * Callback for beans that customize the auto-configured {@link Worker} beyond what
 * {@code pg-task.worker.*} offers, such as another executor.
 */
@FunctionalInterface
public interface PgTaskWorkerCustomizer {

	/**
	 * Customize the worker.
	 * @param builder the builder, with everything that was configured already set
	 */
	void customize(WorkerBuilder builder);

}
