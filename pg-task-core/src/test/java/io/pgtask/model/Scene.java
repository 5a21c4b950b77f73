package io.pgtask.model;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.Callable;

import javax.sql.DataSource;

import io.pgtask.DuplicateTaskException;
import io.pgtask.TaskAdmin;
import io.pgtask.TaskAdmin.ActionResult;
import io.pgtask.TaskClient;
import io.pgtask.codec.StepCodec;
import io.pgtask.registry.TaskRegistry;
import io.pgtask.store.JdbcTaskAdmin;
import io.pgtask.store.JdbcTaskClient;
import io.pgtask.store.TaskTable;
import io.pgtask.store.Wakeups;
import io.pgtask.worker.SteppedWorker;
import io.pgtask.worker.WorkerSettings;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.json.JsonMapper;

import org.springframework.jdbc.core.simple.JdbcClient;

/**
 * Everybody who has to do with the real table.
 */
final class Scene implements AutoCloseable {

	private static final WorkerSettings SETTINGS = WorkerSettings.DEFAULT
		.withLease(Duration.ofHours(ExpectedWorker.LEASE), Duration.ofHours(1))
		.withMaxDeliveries(ExpectedSteps.MAX_DELIVERIES);

	private static final String CLAIM_BY_RUST = """
			UPDATE {table} SET locked_by = gen_random_uuid(), lock_expires_at = now() + interval '1 hour' WHERE id = :id
			""";

	private final DataSource dataSource;

	private final TaskTable table;

	private final JdbcClient jdbc;

	private final Wakeups wakeups;

	private final TaskRegistry registry = ModelSteps.registry(ExpectedSteps.RETRY, Duration.ofHours(Ending.HOURS),
			(at, context) -> nextEnding());

	private final StepCodec codec = new StepCodec(JsonMapper.builder().build(), this.registry);

	private final TaskClient client;

	private final TaskAdmin admin;

	static final Callable<@Nullable Void> NOTHING = () -> null;

	/** What happens while a step runs. */
	private Callable<@Nullable Void> meanwhile = NOTHING;

	/** What the step does that is run next. */
	private Ending ending = Ending.DONE;

	Scene(DataSource dataSource, TaskTable table) {
		this.dataSource = dataSource;
		this.table = table;
		this.jdbc = JdbcClient.create(dataSource);
		this.wakeups = new Wakeups(dataSource);
		this.client = new JdbcTaskClient(dataSource, table, this.codec, List.of(), this.wakeups);
		this.admin = new JdbcTaskAdmin(dataSource, table, this.wakeups, () -> this.codec);
	}

	private Ending nextEnding() {
		try {
			this.meanwhile.call();
			return this.ending;
		}
		catch (Exception ex) {
			throw new IllegalStateException(ex);
		}
	}

	/** This happens while the next steps run. */
	void meanwhile(Callable<@Nullable Void> meanwhile) {
		this.meanwhile = meanwhile;
	}

	/** The next steps end like this. */
	void nextEnding(Ending ending) {
		this.ending = ending;
	}

	SteppedWorker newWorker() {
		return new SteppedWorker(this.dataSource, this.table, this.registry, this.codec, SETTINGS,
				ExpectedSteps.FAILURES);
	}

	/** Empties the tables. */
	void clear() {
		execute("DELETE FROM {table}");
		execute("DELETE FROM {history}");
		execute("DELETE FROM {paused}");
	}

	/**
	 * Enqueue or reserve a task.
	 * @return the id of the row that stands for it, or {@code null} if it is refused
	 */
	@Nullable UUID enqueue(UUID id, Wish wish) {
		if (wish.kind() == TaskKind.GARBAGE) {
			this.jdbc.sql(this.table.sql("INSERT INTO {table} (id, step) VALUES (?, ?)"))
				.params(id, wish.kind().text(wish.at()))
				.update();
			return id;
		}
		try {
			Object state = wish.kind().state(wish.at());
			return wish.isReserved()
					? this.client.reserve(state, wish.options().withId(id), Duration.ofHours(wish.reservedFor()))
					: this.client.enqueue(state, wish.options().withId(id));
		}
		catch (DuplicateTaskException ex) {
			return null;
		}
	}

	boolean confirm(UUID id) {
		return this.client.confirm(id);
	}

	/**
	 * Act on a task.
	 * @param next how far it has come then, if it is resumed
	 */
	ActionResult operate(Operation operation, UUID id, TaskKind kind, int next) {
		return switch (operation) {
			case CANCEL -> this.admin.cancel(id);
			case DELETE -> this.admin.delete(id);
			case RETRY -> this.admin.retry(id);
			case RESUME -> this.admin.resume(id, kind.stepName(next), kind.stateJson(next));
			case RESCHEDULE -> this.admin.reschedule(id, Instant.now().plus(Duration.ofHours(Operation.HOURS)));
			case PRIORITIZE -> this.admin.prioritize(id, Operation.PRIORITY);
			case RETRY_BY_SQL -> update("UPDATE {table} SET error = NULL WHERE id = ?", id);
			case PARK_BY_SQL -> update("UPDATE {table} SET error = 'by hand' WHERE id = ?", id);
		};
	}

	private ActionResult update(String sql, UUID id) {
		int rows = this.jdbc.sql(this.table.sql(sql)).param(id).update();
		return (rows > 0) ? ActionResult.DONE : ActionResult.NOT_FOUND;
	}

	ActionResult pause(TaskKind kind) {
		return this.admin.pauseType(kind.typeName(), "the model wants it");
	}

	ActionResult resume(TaskKind kind) {
		return this.admin.resumeType(kind.typeName());
	}

	/** Let a Rust worker claim a task and save what becomes of it. */
	void runByRust(UUID id, RustOutcome outcome, String nextText) {
		this.jdbc.sql(this.table.sql(CLAIM_BY_RUST)).param("id", id).update();
		this.jdbc.sql(this.table.sql(outcome.sql())).param("id", id).param("step", nextText).update();
	}

	/** Makes everything older. */
	void pass(int hours) {
		execute("""
				UPDATE {table} SET wakeup_at = wakeup_at - {time}, lock_expires_at = lock_expires_at - {time},
					deadline = deadline - {time}, hold_due = hold_due - {time}
				""".replace("{time}", "interval '" + hours + " hours'"));
	}

	private void execute(String sql) {
		this.jdbc.sql(this.table.sql(sql)).update();
	}

	TableReader reader() {
		return new TableReader(this.jdbc, this.table);
	}

	@Override
	public void close() {
		this.wakeups.close();
	}

}
