package io.pgtask.autoconfigure;

import io.pgtask.registry.TaskRegistry;
import io.pgtask.worker.Worker;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import org.springframework.context.SmartLifecycle;

/**
 * Starts and stops the worker with the application context.
 * <p>
 * In its default phase the worker stops claiming and drains while the web server drains
 * its requests, both before anything that steps may use is stopped: executors, listener
 * containers of lower phases, the connection pool. It stops and starts again when the
 * context is paused and restarted, as the test framework does with a cached context.
 */
final class PgTaskWorkerLifecycle implements SmartLifecycle {

	private static final Logger logger = LoggerFactory.getLogger(PgTaskWorkerLifecycle.class);

	private final Worker worker;

	private final TaskRegistry registry;

	private final boolean autoStartup;

	private final int phase;

	PgTaskWorkerLifecycle(Worker worker, TaskRegistry registry, boolean autoStartup, int phase) {
		this.worker = worker;
		this.registry = registry;
		this.autoStartup = autoStartup;
		this.phase = phase;
	}

	@Override
	public void start() {
		if (this.registry.steps().isEmpty()) {
			logger.info("No bean is annotated with @TaskStep: this node enqueues tasks, but starts no worker");
			return;
		}
		this.worker.start();
	}

	@Override
	public void stop() {
		this.worker.stop().join();
	}

	@Override
	public void stop(Runnable callback) {
		this.worker.stop().whenComplete((stopped, failure) -> callback.run());
	}

	@Override
	public boolean isRunning() {
		return this.worker.isRunning();
	}

	@Override
	public boolean isAutoStartup() {
		return this.autoStartup;
	}

	@Override
	public int getPhase() {
		return this.phase;
	}

}
