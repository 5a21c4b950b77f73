package io.pgtask.test;

import org.postgresql.ds.PGSimpleDataSource;
import org.testcontainers.postgresql.PostgreSQLContainer;

/**
 * A server in a container, which Testcontainers removes when the JVM has gone.
 */
class ContainerServer extends PostgresServer {

	private final PostgreSQLContainer container = new PostgreSQLContainer(
			System.getProperty("pgtask.test.image", "postgres:18"));

	ContainerServer() {
		this.container.setCommand("postgres", "-c", "max_connections=300", "-c", "fsync=off");
		this.container.start();
	}

	@Override
	PGSimpleDataSource dataSource() {
		PGSimpleDataSource dataSource = new PGSimpleDataSource();
		dataSource.setUrl(this.container.getJdbcUrl());
		dataSource.setUser(this.container.getUsername());
		dataSource.setPassword(this.container.getPassword());
		return dataSource;
	}

}
