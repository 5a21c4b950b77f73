package io.pgtask.benchmark.contender;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.concurrent.Executor;

import javax.sql.DataSource;

import io.pgtask.store.HistorySettings;
import io.pgtask.store.HousekeepingSettings;
import io.pgtask.store.JdbcTaskHousekeeping;
import io.pgtask.store.TaskTable;
import io.pgtask.worker.WorkerSettings;
import org.jspecify.annotations.Nullable;

import org.springframework.core.task.SimpleAsyncTaskExecutor;

/**
 * The worker and the client of this project, on a pool of Hikari's default size.
 */
final class PgTaskContender implements Contender {

	private static final int HIKARI_DEFAULT = 10;

	private static final int TUNED_CONCURRENCY = 64;

	private static final int FIRST_JAVA_WITH_VIRTUAL_THREADS = 21;

	private final WorkerSettings settings;

	private final boolean virtualThreads;

	private final boolean transactional;

	private final TaskTable table;

	private PgTaskContender(WorkerSettings settings, boolean virtualThreads, boolean transactional, TaskTable table) {
		this.settings = settings;
		this.virtualThreads = virtualThreads;
		this.transactional = transactional;
		this.table = table;
	}

	static Contender byDefault() {
		return new PgTaskContender(WorkerSettings.DEFAULT, false, false, TaskTable.inSearchPath());
	}

	static Contender transactional() {
		return new PgTaskContender(WorkerSettings.DEFAULT, false, true, TaskTable.inSearchPath());
	}

	static Contender recording() {
		return new PgTaskContender(WorkerSettings.DEFAULT, false, false,
				TaskTable.inSearchPath().keeping(HistorySettings.ALL));
	}

	static Contender tuned() {
		return new PgTaskContender(WorkerSettings.DEFAULT.withConcurrency(TUNED_CONCURRENCY),
				Runtime.version().feature() >= FIRST_JAVA_WITH_VIRTUAL_THREADS, false, TaskTable.inSearchPath());
	}

	@Override
	public String description(DataSource database) {
		return this.settings + (this.virtualThreads ? ", virtual threads" : ", platform threads") + ", a pool of "
				+ connections() + " connections" + (this.transactional ? ", transactional steps" : "")
				+ (this.table.history().isOn() ? ", a history" : "");
	}

	@Override
	public void createTables(DataSource database) {
		PgTaskTable.create(database);
		new JdbcTaskHousekeeping(database, this.table, HousekeepingSettings.DEFAULT).run();
	}

	@Override
	public void fill(DataSource database, Workload workload, int tasks) throws SQLException {
		PgTaskTable.fill(database, workload, tasks);
	}

	@Override
	public boolean isDrained(Connection connection) throws SQLException {
		return PgTaskTable.isDrained(connection);
	}

	@Override
	public int connections() {
		return HIKARI_DEFAULT;
	}

	@Override
	public Engine open(DataSource pool, Workload workload, Progress progress) {
		return new PgTaskEngine(pool, workload, progress, this.settings, executor(), this.transactional, this.table);
	}

	private @Nullable Executor executor() {
		if (!this.virtualThreads) {
			return null;
		}
		SimpleAsyncTaskExecutor executor = new SimpleAsyncTaskExecutor("step-");
		executor.setVirtualThreads(true);
		return executor;
	}

}
