package io.pgtask.worker;

import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;

import javax.sql.DataSource;

import io.pgtask.TaskEnd;
import io.pgtask.store.AwaitStatement;
import io.pgtask.store.TaskEnds;
import io.pgtask.store.TaskTable;
import org.jspecify.annotations.Nullable;

/**
 * Tells the callers of this JVM when the tasks they wait for end, on whatever node.
 * <p>
 * A task that somebody waits for is marked, and whoever ends a marked task notifies. One
 * connection listens to that for everybody, and one query looks at all awaited tasks from
 * time to time, because notifications get lost with connections. Both are there only
 * while somebody waits, and half a minute longer.
 */
public final class TaskEndWatch implements TaskEnds, AutoCloseable {

	private static final Duration IDLE = Duration.ofSeconds(30);

	private final DataSource dataSource;

	private final AwaitStatement statement;

	private final boolean listen;

	private final Duration idle;

	private final AwaitedTasks tasks;

	private @Nullable EndWatchRun run;

	private boolean closed;

	/**
	 * Create a watch that holds neither a thread nor a connection until somebody waits.
	 * @param dataSource where to borrow connections
	 * @param table the table of the tasks
	 * @param pollInterval how often the awaited tasks are looked at, longer than zero
	 * @param listen whether to hold a connection that listens while somebody waits;
	 * without it the ends of tasks show at the next look
	 */
	public TaskEndWatch(DataSource dataSource, TaskTable table, Duration pollInterval, boolean listen) {
		this(dataSource, table, pollInterval, listen, IDLE);
	}

	TaskEndWatch(DataSource dataSource, TaskTable table, Duration pollInterval, boolean listen, Duration idle) {
		this.dataSource = Objects.requireNonNull(dataSource, "The data source must not be null");
		this.statement = new AwaitStatement(table);
		this.tasks = new AwaitedTasks(pollInterval, listen);
		this.listen = listen;
		this.idle = idle;
	}

	@Override
	public CompletableFuture<TaskEnd> expect(UUID id) {
		CompletableFuture<TaskEnd> told = this.tasks.add(id, false);
		running().awaitListening();
		return told;
	}

	@Override
	public void inserted(UUID id) {
		this.tasks.look(List.of(id));
		running().ring();
	}

	@Override
	public CompletableFuture<TaskEnd> watch(UUID id) {
		CompletableFuture<TaskEnd> told = this.tasks.add(id, true);
		running().ring();
		return told;
	}

	/**
	 * Return whether a connection listens at this moment.
	 * @return whether the ends of tasks are heard at once
	 */
	public synchronized boolean isListening() {
		return this.run != null && this.run.isListening();
	}

	/**
	 * Give back what is held. Whoever still waits gets an {@link IllegalStateException}.
	 */
	@Override
	public void close() {
		EndWatchRun current;
		synchronized (this) {
			this.closed = true;
			current = this.run;
			this.run = null;
		}
		this.tasks.fail(closedException());
		if (current != null) {
			current.stop();
			current.join();
		}
	}

	private synchronized EndWatchRun running() {
		if (this.closed) {
			IllegalStateException failure = closedException();
			this.tasks.fail(failure);
			throw failure;
		}
		EndWatchRun current = this.run;
		if (current == null) {
			current = new EndWatchRun(this.dataSource, this.statement, this.tasks, this.listen, this.idle,
					this::endIfIdle);
			this.run = current;
			current.start();
		}
		return current;
	}

	private synchronized boolean endIfIdle(EndWatchRun current) {
		if (!this.tasks.isEmpty()) {
			return false;
		}
		if (this.run == current) {
			this.run = null;
		}
		return true;
	}

	private static IllegalStateException closedException() {
		return new IllegalStateException(
				"Nobody can wait for the end of a task any more, because the application is shutting down");
	}

}
