package io.pgtask.test;

import java.util.Optional;

import org.postgresql.ds.PGSimpleDataSource;

/**
 * A server that someone else runs, such as a service container of a CI system.
 */
class ExternalServer extends PostgresServer {

	private final String url;

	ExternalServer(String url) {
		this.url = url;
	}

	@Override
	PGSimpleDataSource dataSource() {
		PGSimpleDataSource dataSource = new PGSimpleDataSource();
		dataSource.setUrl(this.url);
		Optional.ofNullable(System.getenv("PGTASK_TEST_USER")).ifPresent(dataSource::setUser);
		Optional.ofNullable(System.getenv("PGTASK_TEST_PASSWORD")).ifPresent(dataSource::setPassword);
		return dataSource;
	}

}
