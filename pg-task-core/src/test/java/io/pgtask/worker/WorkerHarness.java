package io.pgtask.worker;

import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;

import javax.sql.DataSource;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import io.pgtask.NextStep;
import io.pgtask.RetrySettings;
import io.pgtask.Step;
import io.pgtask.codec.StepCodec;
import io.pgtask.registry.StepSettings;
import io.pgtask.registry.TaskRegistry;
import io.pgtask.registry.TransactionSettings;
import io.pgtask.store.HistorySettings;
import io.pgtask.store.TaskTable;
import io.pgtask.test.TestDatabase;
import org.jspecify.annotations.Nullable;
import org.springframework.core.ResolvableType;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.support.JdbcTransactionManager;
import tools.jackson.databind.json.JsonMapper;

/**
 * Builds workers for a {@link Journey} whose steps a test writes, and looks at the table.
 */
final class WorkerHarness {

	static final WorkerSettings QUICK = WorkerSettings.DEFAULT.withConcurrency(4)
		.withLease(Duration.ofSeconds(3), Duration.ofSeconds(1))
		.withPollInterval(Duration.ofSeconds(5))
		.withShutdownTimeout(Duration.ofSeconds(5));

	private final TestDatabase database;

	private final JdbcClient jdbc;

	private final List<Worker> started = new ArrayList<>();

	private final List<HikariDataSource> impatientPools = new ArrayList<>();

	private Step<Journey, Journey.Start> start = (state, context) -> NextStep.done();

	private Step<Journey, Journey.Middle> middle = (state, context) -> NextStep.done();

	private Step<Journey, Journey.End> end = (state, context) -> NextStep.done();

	private RetrySettings retry = RetrySettings.DEFAULT;

	private TaskTable table = TaskTable.inSearchPath();

	private @Nullable Duration timeout;

	private final Map<String, TransactionSettings> transactional = new HashMap<>();

	WorkerHarness(TestDatabase database) {
		this.database = database;
		this.jdbc = JdbcClient.create(database.dataSource());
	}

	WorkerHarness start(Step<Journey, Journey.Start> step) {
		this.start = step;
		return this;
	}

	WorkerHarness middle(Step<Journey, Journey.Middle> step) {
		this.middle = step;
		return this;
	}

	WorkerHarness end(Step<Journey, Journey.End> step) {
		this.end = step;
		return this;
	}

	WorkerHarness retry(int maxRetries, Duration delay) {
		this.retry = new RetrySettings(maxRetries, delay, 1.0, null, 0.0);
		return this;
	}

	/** Keeps something of tasks that have ended. */
	WorkerHarness keeping(HistorySettings history) {
		this.table = TaskTable.inSearchPath().keeping(history);
		return this;
	}

	WorkerHarness retry(RetrySettings retry) {
		this.retry = retry;
		return this;
	}

	/** Limits the time of every attempt. */
	WorkerHarness timeout(Duration timeout) {
		this.timeout = timeout;
		return this;
	}

	/** Makes steps transactional. */
	WorkerHarness transactional(TransactionSettings settings, String... steps) {
		for (String step : steps) {
			this.transactional.put(step, settings);
		}
		return this;
	}

	Worker run() {
		return run(QUICK);
	}

	Worker run(WorkerSettings settings) {
		return run(settings, this.database.createPool(10));
	}

	Worker run(WorkerSettings settings, UnaryOperator<WorkerBuilder> customizer) {
		return run(settings, customizer, this.database.createPool(10));
	}

	Worker run(WorkerSettings settings, DataSource dataSource) {
		return run(settings, (builder) -> builder, dataSource);
	}

	Worker run(WorkerSettings settings, UnaryOperator<WorkerBuilder> customizer, DataSource dataSource) {
		Worker worker = worker(settings, customizer, dataSource);
		this.started.add(worker);
		worker.start();
		return worker;
	}

	/** Stops what {@code run} has started. */
	void stopAll() throws Exception {
		List<CompletableFuture<Void>> stopped = this.started.stream().map(Worker::stop).toList();
		for (CompletableFuture<Void> each : stopped) {
			each.get(20, TimeUnit.SECONDS);
		}
		this.started.clear();
		this.impatientPools.forEach(HikariDataSource::close);
	}

	/** Creates a pool that soon gives up waiting for a free connection. */
	HikariDataSource impatientPool(int size) {
		HikariConfig config = new HikariConfig();
		config.setJdbcUrl(this.database.url());
		config.setUsername(this.database.username());
		config.setPassword(this.database.password());
		config.setMaximumPoolSize(size);
		config.setConnectionTimeout(250);
		HikariDataSource pool = new HikariDataSource(config);
		this.impatientPools.add(pool);
		return pool;
	}

	Worker worker() {
		return worker(QUICK);
	}

	Worker worker(WorkerSettings settings) {
		return worker(settings, (builder) -> builder, this.database.createPool(10));
	}

	Worker worker(WorkerSettings settings, UnaryOperator<WorkerBuilder> customizer, DataSource dataSource) {
		TaskRegistry registry = TaskRegistry.builder()
			.step(this.start, type(Journey.Start.class), settings("start"), "start")
			.step(this.middle, type(Journey.Middle.class), settings("middle"), "middle")
			.step(this.end, type(Journey.End.class), settings("end"), "end")
			.build();
		StepCodec codec = new StepCodec(JsonMapper.builder().build(), registry);
		return customizer
			.apply(Worker.builder(dataSource, this.table, registry, codec)
				.settings(settings)
				.transactionManager(new JdbcTransactionManager(dataSource)))
			.build();
	}

	private StepSettings settings(String step) {
		return new StepSettings(this.retry, this.transactional.get(step), this.timeout);
	}

	private static ResolvableType type(Class<? extends Journey> state) {
		return ResolvableType.forClassWithGenerics(Step.class, Journey.class, state);
	}

	UUID insert(String step, String name) {
		return insertText("{\"Journey\":{\"" + step + "\":{\"name\":\"" + name + "\"}}}");
	}

	/** Inserts a task without waking anybody. */
	UUID insertQuietly(String step, String name) {
		return this.jdbc.sql("INSERT INTO pg_task (step, quiet) VALUES (?, true) RETURNING id")
			.param("{\"Journey\":{\"" + step + "\":{\"name\":\"" + name + "\"}}}")
			.query(UUID.class)
			.single();
	}

	/** Inserts a task that another worker holds. */
	UUID insertLeased(String name, UUID owner, Duration lease) {
		UUID id = insertQuietly("Start", name);
		this.jdbc.sql("""
				UPDATE pg_task SET locked_by = ?, delivery = 1,
					lock_expires_at = statement_timestamp() + ? * interval '1 ms'
				WHERE id = ?
				""").params(owner, lease.toMillis(), id).update();
		return id;
	}

	UUID insertText(String text) {
		return this.jdbc.sql("INSERT INTO pg_task (step) VALUES (?) RETURNING id")
			.param(text)
			.query(UUID.class)
			.single();
	}

	void insertMany(int count) {
		this.jdbc.sql("""
				INSERT INTO pg_task (step, quiet)
				SELECT '{"Journey":{"Start":{"name":"' || n || '"}}}', true FROM generate_series(1, ?) n
				""").param(count).update();
	}

	int count() {
		return this.jdbc.sql("SELECT count(*) FROM pg_task").query(Integer.class).single();
	}

	Row row(UUID id) {
		return find(id).orElseThrow(() -> new AssertionError("There is no task " + id));
	}

	/** Returns when the lease of a task that someone holds ends. */
	Instant leaseEnd(UUID id) {
		return this.jdbc.sql("SELECT lock_expires_at FROM pg_task WHERE id = ? AND lock_expires_at IS NOT NULL")
			.param(id)
			.query((row, number) -> row.getObject(1, OffsetDateTime.class).toInstant())
			.optional()
			.orElseThrow(() -> new AssertionError("Nobody holds the task " + id));
	}

	private Optional<Row> find(UUID id) {
		return this.jdbc.sql("""
				SELECT step, tried, delivery, error, last_error, locked_by, parked_at IS NOT NULL AS parked,
					lock_expires_at > statement_timestamp() AS leased
				FROM pg_task WHERE id = ?
				""").param(id).query(Row.class).optional();
	}

	boolean isGone(UUID id) {
		return find(id).isEmpty();
	}

	boolean isParked(UUID id) {
		return find(id).map(Row::error).isPresent();
	}

	JdbcClient jdbc() {
		return this.jdbc;
	}

	record Row(String step, int tried, int delivery, @Nullable String error, @Nullable String lastError,
			@Nullable UUID lockedBy, boolean parked, @Nullable Boolean leased) {
	}

}
