package io.pgtask.sample.postgres;

import org.springframework.boot.diagnostics.AbstractFailureAnalyzer;
import org.springframework.boot.diagnostics.FailureAnalysis;

/**
 * Says what to do when the embedded server cannot be used, instead of a stack trace.
 */
class EmbeddedPostgresFailureAnalyzer extends AbstractFailureAnalyzer<EmbeddedPostgresException> {

	private static final String ACTION = """
			Mend what the description names, or use a PostgreSQL of your own by spring.datasource.url, \
			spring.datasource.username and spring.datasource.password. If it says that PostgreSQL cannot be run as root: \
			run the application as another user, or where 'unshare -U id' works.""";

	@Override
	protected FailureAnalysis analyze(Throwable rootFailure, EmbeddedPostgresException cause) {
		StringBuilder description = new StringBuilder("The embedded PostgreSQL cannot be used: ")
			.append(cause.getMessage());
		for (Throwable next = cause.getCause(); next != null; next = next.getCause()) {
			description.append("\n\n").append(next.getMessage());
		}
		return new FailureAnalysis(description.toString(), ACTION, cause);
	}

}
