package io.pgtask.autoconfigure;

import io.pgtask.PgTaskConfigurationException;

import org.springframework.boot.diagnostics.AbstractFailureAnalyzer;
import org.springframework.boot.diagnostics.FailureAnalysis;

/**
 * Shows what is wrong and what to do instead of a stack trace.
 */
class PgTaskConfigurationFailureAnalyzer extends AbstractFailureAnalyzer<PgTaskConfigurationException> {

	@Override
	protected FailureAnalysis analyze(Throwable rootFailure, PgTaskConfigurationException cause) {
		return new FailureAnalysis(cause.getMessage(), cause.getAction(), cause);
	}

}
