package io.pgtask.outages;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import io.pgtask.codec.StepCodec;
import io.pgtask.registry.TaskRegistry;
import io.pgtask.store.TaskTable;
import io.pgtask.worker.Worker;
import io.pgtask.worker.WorkerSettings;
import io.pgtask.worker.WorkerStatus;
import tools.jackson.databind.json.JsonMapper;

import org.springframework.jdbc.support.JdbcTransactionManager;

/**
 * A worker that runs errands, with a pool of its own, as an application has it.
 */
final class ErrandWorker implements AutoCloseable {

	/** What the server calls its sessions. */
	static final String NAME = "errand-worker";

	static final int CONNECTIONS = 10;

	private final HikariDataSource pool;

	private final Worker worker;

	ErrandWorker(String url, String user, WorkerSettings settings, ErrandLog log) {
		HikariConfig config = new HikariConfig();
		config.setJdbcUrl(url);
		config.setUsername(user);
		config.setMaximumPoolSize(CONNECTIONS);
		config.addDataSourceProperty("ApplicationName", NAME);
		// Every connection that died in the pool costs this time.
		config.setValidationTimeout(1000);
		this.pool = new HikariDataSource(config);
		TaskRegistry registry = log.registry();
		StepCodec codec = new StepCodec(JsonMapper.builder().build(), registry);
		this.worker = Worker.builder(this.pool, TaskTable.inSearchPath(), registry, codec)
			.settings(settings)
			.transactionManager(new JdbcTransactionManager(this.pool))
			.build();
		this.worker.start();
	}

	HikariDataSource pool() {
		return this.pool;
	}

	WorkerStatus status() {
		return this.worker.status();
	}

	boolean isHealthy() {
		WorkerStatus status = status();
		return status.state() == WorkerStatus.State.RUNNING && status.trouble() == null && status.listening();
	}

	CompletableFuture<Void> stop() {
		return this.worker.stop();
	}

	@Override
	public void close() throws Exception {
		stop().get(60, TimeUnit.SECONDS);
		this.pool.close();
	}

}
