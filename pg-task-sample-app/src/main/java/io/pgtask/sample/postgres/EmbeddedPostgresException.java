package io.pgtask.sample.postgres;

import org.jspecify.annotations.Nullable;

/**
 * The embedded PostgreSQL cannot be unpacked, started or used.
 */
class EmbeddedPostgresException extends RuntimeException {

	EmbeddedPostgresException(String message) {
		this(message, null);
	}

	EmbeddedPostgresException(String message, @Nullable Throwable cause) {
		super(message, cause);
	}

}
