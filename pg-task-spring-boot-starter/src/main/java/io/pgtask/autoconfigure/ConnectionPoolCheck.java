package io.pgtask.autoconfigure;

import javax.sql.DataSource;

import io.pgtask.PgTaskConfigurationException;
import io.pgtask.worker.WorkerSettings;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.jspecify.annotations.Nullable;

import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.jdbc.metadata.CompositeDataSourcePoolMetadataProvider;
import org.springframework.boot.jdbc.metadata.DataSourcePoolMetadata;
import org.springframework.boot.jdbc.metadata.DataSourcePoolMetadataProvider;

/**
 * Whether the connection pool is large enough for the worker. A pool that is too small
 * does not fail by itself: everybody just waits.
 */
final class ConnectionPoolCheck {

	private static final Logger logger = LoggerFactory.getLogger(ConnectionPoolCheck.class);

	private final DataSourcePoolMetadataProvider pools;

	ConnectionPoolCheck(ObjectProvider<DataSourcePoolMetadataProvider> pools) {
		this.pools = new CompositeDataSourcePoolMetadataProvider(pools.stream().toList());
	}

	/**
	 * Check the pool; does nothing if its size is not known.
	 * @param dataSource the pool
	 * @param settings the worker's settings
	 * @param errorEvents whether one more connection listens for errors
	 * @throws PgTaskConfigurationException if nothing would be left for the application
	 */
	void verify(DataSource dataSource, WorkerSettings settings, boolean errorEvents) {
		Integer size = sizeOf(dataSource);
		if (size == null) {
			return;
		}
		int own = own(settings, errorEvents);
		int enough = own + settings.concurrency();
		if (size < own + 1) {
			throw new PgTaskConfigurationException(
					"The DataSource of pg-task has at most %d connections, but the worker needs %d: %d that it keeps for itself, and at least one for its steps and the rest of the application."
						.formatted(size, own + 1, own),
					"Set the maximum size of the pool (spring.datasource.hikari.maximum-pool-size) to %d or more; with %d, all %d concurrent steps can use the database at once."
						.formatted(own + 1, enough, settings.concurrency()));
		}
		if (size < enough) {
			logger.warn(
					"The DataSource of pg-task has at most %d connections, of which the worker keeps %d: steps that use the database will wait for each other, because %d of them run at once. Enlarge the pool to %d, or lower pg-task.worker.concurrency"
						.formatted(size, own, settings.concurrency(), enough));
		}
	}

	/**
	 * Return how many transactional steps may run at once, so that one connection is left
	 * for all that need one for a moment: other steps, the rest of the application, and
	 * what a transactional step does outside of its transaction.
	 * @param dataSource the pool
	 * @param settings the worker's settings
	 * @param errorEvents whether one more connection listens for errors
	 * @return the number of steps, 1 or more; the worker's concurrency if the size of the
	 * pool is not known
	 */
	int transactionalConcurrency(DataSource dataSource, WorkerSettings settings, boolean errorEvents) {
		Integer size = sizeOf(dataSource);
		if (size == null) {
			return settings.concurrency();
		}
		int own = own(settings, errorEvents);
		int most = Math.max(1, Math.min(settings.concurrency(), size - own - 1));
		if (size < own + 2) {
			logger.warn(
					"The DataSource of pg-task has at most %d connections, of which the worker keeps %d: while a transactional step runs there is none for anybody else. Enlarge the pool to %d"
						.formatted(size, own, own + 1 + settings.concurrency()));
		}
		else if (most < settings.concurrency()) {
			logger.info(
					"The DataSource of pg-task has at most %d connections: the worker keeps %d, one is left for the rest of the application, and so %d transactional steps run at once; with %d connections all %d would"
						.formatted(size, own, most, own + 1 + settings.concurrency(), settings.concurrency()));
		}
		return most;
	}

	/**
	 * Check the pool of a node that has no worker, but listens for errors; does nothing
	 * if its size is not known.
	 * @param dataSource the pool
	 * @throws PgTaskConfigurationException if nothing would be left for the application
	 */
	void verifyForErrorEvents(DataSource dataSource) {
		Integer size = sizeOf(dataSource);
		if (size != null && size < 2) {
			throw new PgTaskConfigurationException(
					"The DataSource of pg-task has at most one connection, and listening for errors would keep it.",
					"Set the maximum size of the pool (spring.datasource.hikari.maximum-pool-size) to 2 or more, or pg-task.error-events.enabled to false.");
		}
	}

	/**
	 * Return whether one more connection may be held while somebody waits for the end of
	 * a task. It is not worth failing for, because without it the end is only noticed
	 * later.
	 * @param dataSource the pool
	 * @param settings the worker's settings, or {@code null} if there is no worker
	 * @param errorEvents whether a connection listens for errors
	 * @return whether at least one connection would be left for the application, or the
	 * size of the pool is not known
	 */
	boolean leavesRoomToListenForEnds(DataSource dataSource, @Nullable WorkerSettings settings, boolean errorEvents) {
		Integer size = sizeOf(dataSource);
		int own = own(settings, errorEvents);
		if (size == null || size >= own + 2) {
			return true;
		}
		logger.info(
				"The DataSource of pg-task has at most {} connections, too few to listen for the ends of tasks that somebody waits for: they are looked at every pg-task.await.poll-interval instead. Enlarge the pool to {} to be told at once",
				size, own + 2);
		return false;
	}

	/** What pg-task keeps for itself as long as it runs. */
	private static int own(@Nullable WorkerSettings settings, boolean errorEvents) {
		return ((settings != null) ? settings.connections() : 0) + (errorEvents ? 1 : 0);
	}

	private @Nullable Integer sizeOf(DataSource dataSource) {
		DataSourcePoolMetadata pool = this.pools.getDataSourcePoolMetadata(dataSource);
		Integer size = (pool != null) ? pool.getMax() : null;
		return (size != null && size > 0) ? size : null;
	}

}
