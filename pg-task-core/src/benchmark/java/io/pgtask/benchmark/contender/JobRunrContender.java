package io.pgtask.benchmark.contender;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;

import javax.sql.DataSource;

import org.jobrunr.jobs.mappers.JobMapper;
import org.jobrunr.scheduling.JobRequestScheduler;
import org.jobrunr.server.configuration.BackgroundJobServerThreadType;
import org.jobrunr.storage.StorageProvider;
import org.jobrunr.storage.StorageProviderUtils.DatabaseOptions;
import org.jobrunr.storage.sql.postgres.PostgresStorageProvider;
import org.jobrunr.utils.mapper.jackson3.Jackson3JsonMapper;

/**
 * JobRunr, which keeps the rows of what has succeeded.
 */
final class JobRunrContender implements Contender {

	static final int WORKERS = 128;

	/** Its minimum. */
	static final Duration POLL_INTERVAL = Duration.ofSeconds(5);

	private static final int CONNECTIONS = 32;

	private static final String DRAINED = """
			SELECT /* benchmark */ NOT EXISTS (SELECT FROM jobrunr_jobs WHERE state <> 'SUCCEEDED')""";

	@Override
	public String description(DataSource database) {
		return "%d workers, %s, polling every %s, a pool of %d connections".formatted(WORKERS,
				BackgroundJobServerThreadType.getDefaultThreadType(), POLL_INTERVAL, CONNECTIONS);
	}

	@Override
	public void createTables(DataSource database) {
		new PostgresStorageProvider(database, DatabaseOptions.CREATE).close();
	}

	@Override
	public void fill(DataSource database, Workload workload, int tasks) throws SQLException {
		try (Connection connection = database.getConnection(); Statement statement = connection.createStatement()) {
			statement.execute("TRUNCATE jobrunr_jobs");
			enqueue(database, workload, tasks);
			statement.execute("VACUUM (ANALYZE) jobrunr_jobs");
		}
	}

	private static void enqueue(DataSource database, Workload workload, int tasks) {
		StorageProvider storage = storage(database);
		try {
			new JobRequestScheduler(storage).enqueue(JobRunrRequest.first(workload, 0, tasks));
		}
		finally {
			storage.close();
		}
	}

	static StorageProvider storage(DataSource database) {
		StorageProvider storage = new PostgresStorageProvider(database, DatabaseOptions.SKIP_CREATE);
		storage.setJobMapper(new JobMapper(new Jackson3JsonMapper()));
		return storage;
	}

	@Override
	public boolean isDrained(Connection connection) throws SQLException {
		try (Statement statement = connection.createStatement(); ResultSet row = statement.executeQuery(DRAINED)) {
			return row.next() && row.getBoolean(1);
		}
	}

	@Override
	public int connections() {
		return CONNECTIONS;
	}

	@Override
	public Engine open(DataSource pool, Workload workload, Progress progress) {
		return new JobRunrEngine(pool, workload, progress);
	}

}
