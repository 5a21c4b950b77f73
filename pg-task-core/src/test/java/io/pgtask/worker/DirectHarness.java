package io.pgtask.worker;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.UUID;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

import javax.sql.DataSource;

import io.pgtask.NextStep;
import io.pgtask.StepContext;
import io.pgtask.codec.StepCodec;
import io.pgtask.registry.TaskRegistry;
import io.pgtask.store.DirectOffer;
import io.pgtask.store.DirectStarts;
import io.pgtask.store.JdbcTaskAdmin;
import io.pgtask.store.JdbcTaskClient;
import io.pgtask.store.TaskEnds;
import io.pgtask.store.TaskTable;
import io.pgtask.store.Wakeups;
import io.pgtask.test.TestDatabase;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.json.JsonMapper;

import org.springframework.jdbc.support.JdbcTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;

import static org.awaitility.Awaitility.await;

/**
 * A client and a worker in one JVM, put together as the starter does, and the journeys
 * that the worker has begun. A journey whose name is {@code held} goes on when the test
 * says so.
 */
final class DirectHarness implements AutoCloseable {

	private final WorkerHarness workers;

	private final DataSource dataSource;

	private final DirectStarts directStarts = new DirectStarts();

	private final Wakeups wakeups;

	private final JdbcTaskClient client;

	private final JdbcTaskAdmin admin;

	private final Queue<Begun> begun = new ConcurrentLinkedQueue<>();

	private final AtomicInteger claimed = new AtomicInteger();

	private final CountDownLatch release = new CountDownLatch(1);

	DirectHarness(TestDatabase database) {
		this(database, database.createPool(12), TaskEnds.untold());
	}

	DirectHarness(TestDatabase database, DataSource dataSource, TaskEnds ends) {
		this.workers = new WorkerHarness(database);
		this.dataSource = dataSource;
		this.wakeups = new Wakeups(dataSource);
		this.client = new JdbcTaskClient(dataSource, TaskTable.inSearchPath(),
				new StepCodec(JsonMapper.builder().build(), TaskRegistry.empty()), List.of(), this.wakeups, ends,
				this.directStarts);
		this.admin = new JdbcTaskAdmin(dataSource, TaskTable.inSearchPath(), this.wakeups);
		this.workers.start((state, context) -> {
			this.begun.add(Begun.of(state, context, this.workers));
			if (state.name().equals("held") && !this.release.await(30, TimeUnit.SECONDS)) {
				throw new IllegalStateException("The test does not release its journeys");
			}
			return NextStep.done();
		});
	}

	WorkerHarness workers() {
		return this.workers;
	}

	JdbcTaskClient client() {
		return this.client;
	}

	JdbcTaskAdmin admin() {
		return this.admin;
	}

	DirectStarts directStarts() {
		return this.directStarts;
	}

	TransactionTemplate transaction() {
		return new TransactionTemplate(new JdbcTransactionManager(this.dataSource));
	}

	/** Starts a worker and waits until it has nothing to do. */
	Worker run() {
		return run(WorkerHarness.QUICK);
	}

	Worker run(WorkerSettings settings) {
		WorkerEvents events = new WorkerEvents() {

			@Override
			public void claimed(int tasks) {
				DirectHarness.this.claimed.addAndGet(tasks);
			}

		};
		Worker worker = this.workers.run(settings, (builder) -> builder.events(events), this.dataSource);
		this.directStarts.localWorker(worker);
		this.wakeups.localWorker(worker::wake);
		awaitIdle(worker);
		return worker;
	}

	/** Waits until a worker would start a task directly. */
	static void awaitIdle(Worker worker) {
		await().until(() -> offers(worker));
	}

	static boolean offers(Worker worker) {
		return offers(worker, "Journey");
	}

	static boolean offers(Worker worker, String taskType) {
		DirectOffer offer = worker.offer(taskType);
		if (offer != null) {
			offer.withdrawn();
		}
		return offer != null;
	}

	/** Waits until so many journeys have begun, and returns them in that order. */
	List<Begun> awaitBegun(int count) {
		await().until(() -> this.begun.size() >= count);
		return List.copyOf(this.begun);
	}

	Begun awaitBegun() {
		return awaitBegun(1).get(0);
	}

	List<Begun> begun() {
		return List.copyOf(this.begun);
	}

	int claimed() {
		return this.claimed.get();
	}

	/** Lets the journeys named {@code held} go on. */
	void release() {
		this.release.countDown();
	}

	void awaitEmpty() {
		await().until(() -> this.workers.count() == 0);
	}

	@Override
	public void close() throws Exception {
		release();
		this.workers.stopAll();
		this.wakeups.close();
	}

	/**
	 * A journey that has begun.
	 *
	 * @param direct whether nobody has claimed it, as its row has never been updated
	 * @param leaseEnd the end of the lease in the row
	 */
	record Begun(UUID id, Object state, int attempt, int delivery, Map<String, String> headers, Instant leaseDeadline,
			Duration leaseRemaining, boolean direct, @Nullable Instant leaseEnd) {

		static Begun of(Journey.Start state, StepContext context, WorkerHarness workers) {
			Duration remaining = context.leaseRemaining();
			boolean direct = workers.jdbc()
				.sql("SELECT updated_at = created_at FROM pg_task WHERE id = ?")
				.param(context.taskId())
				.query(Boolean.class)
				.single();
			return new Begun(context.taskId(), state, context.attempt(), context.delivery(), context.headers(),
					context.leaseDeadline(), remaining, direct, workers.leaseEnd(context.taskId()));
		}

	}

}
