package io.pgtask.sample.postgres;

import org.springframework.boot.jdbc.autoconfigure.JdbcConnectionDetails;

/**
 * Tells Spring Boot's {@code DataSource} about the embedded server.
 */
class EmbeddedPostgresConnectionDetails implements JdbcConnectionDetails {

	private final int port;

	EmbeddedPostgresConnectionDetails(int port) {
		this.port = port;
	}

	@Override
	public String getJdbcUrl() {
		return PostgresUrls.jdbc(this.port);
	}

	@Override
	public String getUsername() {
		return PostgresUrls.USER;
	}

	@Override
	public String getPassword() {
		return "";
	}

}
