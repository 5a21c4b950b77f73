package io.pgtask.benchmark;

import java.io.Serializable;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import org.jspecify.annotations.Nullable;
import org.postgresql.ds.PGSimpleDataSource;

/**
 * Where a contender has its tables.
 *
 * @param name the name of the database
 * @param url its JDBC URL
 * @param user who connects, or {@code null} if the URL says so
 * @param password the password of the user, if one is needed
 */
record Database(String name, String url, @Nullable String user, @Nullable String password) implements Serializable {

	PGSimpleDataSource unpooled() {
		PGSimpleDataSource dataSource = new PGSimpleDataSource();
		dataSource.setUrl(this.url);
		if (this.user != null) {
			dataSource.setUser(this.user);
		}
		if (this.password != null) {
			dataSource.setPassword(this.password);
		}
		return dataSource;
	}

	/**
	 * Open a pool with all its connections, so that no run has to wait for them.
	 */
	HikariDataSource pool(int connections) throws InterruptedException {
		HikariConfig config = new HikariConfig();
		config.setDataSource(unpooled());
		config.setMaximumPoolSize(connections);
		HikariDataSource pool = new HikariDataSource(config);
		while (pool.getHikariPoolMXBean().getIdleConnections() < connections) {
			Thread.sleep(1);
		}
		return pool;
	}

}
