package io.pgtask.worker;

import java.util.Collection;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

import io.pgtask.store.ClaimKey;

/**
 * The executions this worker holds a lease on.
 */
final class Holdings {

	private final Map<ClaimKey, Execution> executions = new ConcurrentHashMap<>();

	void add(Execution execution) {
		this.executions.put(execution.key(), execution);
	}

	void remove(Execution execution) {
		this.executions.remove(execution.key());
	}

	/**
	 * Return the executions, as a view that is safe to walk while others add and remove.
	 * @return the executions
	 */
	Collection<Execution> all() {
		return this.executions.values();
	}

	boolean isEmpty() {
		return this.executions.isEmpty();
	}

	int running() {
		return (int) this.executions.values().stream().filter(Execution::isRunning).count();
	}

	int waiting() {
		return (int) this.executions.values().stream().filter(Execution::isWaiting).count();
	}

}
