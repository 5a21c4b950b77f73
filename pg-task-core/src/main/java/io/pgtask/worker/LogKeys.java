package io.pgtask.worker;

/**
 * The keys a step's log lines carry in the MDC.
 */
final class LogKeys {

	static final String ID = "pgtask.id";

	static final String TYPE = "pgtask.type";

	static final String STEP = "pgtask.step";

	static final String ATTEMPT = "pgtask.attempt";

	private LogKeys() {
	}

}
