package io.pgtask.store;

import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

import javax.sql.DataSource;

import io.pgtask.codec.StepCodec;
import io.pgtask.registry.TaskRegistry;
import io.pgtask.test.TestDatabase;
import tools.jackson.databind.json.JsonMapper;

import org.springframework.jdbc.support.JdbcTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * A client without a worker, and all it needs.
 */
final class Producer implements AutoCloseable {

	private final TestDatabase database;

	private final Wakeups wakeups;

	private final AtomicInteger woken = new AtomicInteger();

	private final JdbcTaskClient client;

	private final TaskRows rows;

	Producer(TestDatabase database) {
		this.database = database;
		this.wakeups = new Wakeups(database.dataSource());
		this.wakeups.localWorker(this.woken::incrementAndGet);
		this.client = client(database.dataSource());
		this.rows = new TaskRows(database);
	}

	TestDatabase database() {
		return this.database;
	}

	DataSource dataSource() {
		return this.database.dataSource();
	}

	TransactionTemplate transaction() {
		return transaction(dataSource());
	}

	static TransactionTemplate transaction(DataSource dataSource) {
		return new TransactionTemplate(new JdbcTransactionManager(dataSource));
	}

	Wakeups wakeups() {
		return this.wakeups;
	}

	/** How often the worker of this JVM has been woken. */
	AtomicInteger woken() {
		return this.woken;
	}

	JdbcTaskClient client() {
		return this.client;
	}

	/** Another client, which wakes the same workers. */
	JdbcTaskClient client(DataSource dataSource) {
		return client(dataSource, this.wakeups);
	}

	static JdbcTaskClient client(DataSource dataSource, Wakeups wakeups) {
		return new JdbcTaskClient(dataSource, TaskTable.inSearchPath(),
				new StepCodec(JsonMapper.shared(), TaskRegistry.empty()), List.of(), wakeups);
	}

	/** What is in the table. */
	TaskRows rows() {
		return this.rows;
	}

	@Override
	public void close() {
		this.wakeups.close();
	}

}
