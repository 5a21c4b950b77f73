package io.pgtask.autoconfigure;

import io.pgtask.worker.TaskErrorSubscription;

import org.springframework.context.SmartLifecycle;

/**
 * Listens for parked tasks while the application context runs: from before the worker
 * starts until after it has stopped.
 */
final class PgTaskErrorEventsLifecycle implements SmartLifecycle {

	private final TaskErrorSubscription subscription;

	private final int phase;

	private volatile boolean running;

	PgTaskErrorEventsLifecycle(TaskErrorSubscription subscription, int phase) {
		this.subscription = subscription;
		this.phase = phase;
	}

	@Override
	public void start() {
		this.subscription.start();
		this.running = true;
	}

	@Override
	public void stop() {
		this.subscription.stop();
		this.running = false;
	}

	@Override
	public boolean isRunning() {
		return this.running;
	}

	@Override
	public int getPhase() {
		return this.phase;
	}

}
