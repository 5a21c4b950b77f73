package io.pgtask.store;

import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;

import io.pgtask.TaskAdmin.ActionResult;
import io.pgtask.test.TaskTableTest;
import io.pgtask.test.TestDatabase;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.EnumSource.Mode;

import org.springframework.jdbc.datasource.DelegatingDataSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link JdbcTaskAdmin}: changing tasks that a worker holds, and rows that
 * somebody has locked.
 */
@TaskTableTest
@Timeout(120)
class HeldTaskActionTests {

	private final AdminTasks tasks;

	private final JdbcTaskAdmin admin;

	HeldTaskActionTests(TestDatabase database) {
		this.tasks = new AdminTasks(database);
		this.admin = this.tasks.admin();
	}

	@AfterEach
	void close() {
		this.tasks.close();
	}

	@ParameterizedTest
	@EnumSource(value = AdminAction.class, mode = Mode.EXCLUDE, names = "CANCEL")
	void aTaskThatAWorkerHoldsIsUntouched(AdminAction action) {
		this.tasks.assertUntouched(this.tasks.leased("NULL"), (id) -> action.act(this.admin, id), ActionResult.RUNNING);
	}

	@ParameterizedTest
	@EnumSource(value = AdminAction.class, mode = Mode.EXCLUDE, names = "CANCEL")
	void aTaskThatAWorkerHoldsIsUntouchedEvenIfSomebodyHasParkedIt(AdminAction action) {
		this.tasks.assertUntouched(this.tasks.leased("'by hand'"), (id) -> action.act(this.admin, id),
				ActionResult.RUNNING);
	}

	@ParameterizedTest
	@EnumSource(AdminAction.class)
	void aRowThatStaysLockedDoesNotBlock(AdminAction action) throws SQLException {
		UUID id = (action == AdminAction.RETRY) ? this.tasks.parked() : this.tasks.ready();
		try (Connection other = this.tasks.lock(id)) {
			long start = System.nanoTime();
			this.tasks.assertUntouched(id, (locked) -> action.act(this.admin, locked), ActionResult.RUNNING);
			assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(10));
			other.rollback();
		}
		assertThat(action.act(this.admin, id)).isEqualTo(ActionResult.DONE);
	}

	@ParameterizedTest
	@EnumSource(AdminAction.class)
	void aRowThatIsLockedForAMomentIsWaitedFor(AdminAction action) throws Exception {
		UUID id = (action == AdminAction.RETRY) ? this.tasks.parked() : this.tasks.ready();
		AtomicInteger tries = new AtomicInteger();
		JdbcTaskAdmin counted = new JdbcTaskAdmin(new DelegatingDataSource(this.tasks.dataSource()) {

			@Override
			public Connection getConnection() throws SQLException {
				tries.incrementAndGet();
				return super.getConnection();
			}

		}, TaskTable.inSearchPath(), this.tasks.wakeups());
		ExecutorService thread = Executors.newSingleThreadExecutor();
		try (Connection other = this.tasks.lock(id)) {
			Future<ActionResult> result = thread.submit(() -> action.act(counted, id));
			Awaitility.await().until(() -> tries.get() > 1);
			other.rollback();
			assertThat(result.get()).isEqualTo(ActionResult.DONE);
		}
		finally {
			thread.shutdown();
		}
	}

	@Test
	void aRowThatIsClaimedMeanwhileIsUntouched() throws Exception {
		UUID id = this.tasks.ready();
		ExecutorService thread = Executors.newSingleThreadExecutor();
		try (Connection worker = this.tasks.lock(id)) {
			Future<ActionResult> result = thread.submit(() -> this.admin.delete(id));
			AdminTasks.execute(worker,
					"UPDATE pg_task SET locked_by = gen_random_uuid(), lock_expires_at = now() + interval '1 min'");
			worker.commit();
			assertThat(result.get()).isEqualTo(ActionResult.RUNNING);
			assertThat(this.admin.find(id)).isPresent();
		}
		finally {
			thread.shutdown();
		}
	}

	@Test
	void aRowThatEndsMeanwhileIsNotFound() throws Exception {
		UUID id = this.tasks.ready();
		ExecutorService thread = Executors.newSingleThreadExecutor();
		try (Connection worker = this.tasks.lock(id)) {
			Future<ActionResult> result = thread.submit(() -> this.admin.reschedule(id, AdminTasks.LATER));
			AdminTasks.execute(worker, "DELETE FROM pg_task");
			worker.commit();
			assertThat(result.get()).isEqualTo(ActionResult.NOT_FOUND);
		}
		finally {
			thread.shutdown();
		}
	}

	@Test
	void anInterruptEndsTheWaitForALockedRow() throws Exception {
		UUID id = this.tasks.ready();
		try (Connection other = this.tasks.lock(id)) {
			Thread.currentThread().interrupt();
			assertThat(this.admin.delete(id)).isEqualTo(ActionResult.RUNNING);
			assertThat(Thread.interrupted()).isTrue();
			other.rollback();
		}
	}

	@Test
	void anActionAndSomebodyWhoKeepsChangingTheRowLoseNothing() throws Exception {
		UUID id = this.tasks.ready();
		AtomicBoolean done = new AtomicBoolean();
		ExecutorService thread = Executors.newSingleThreadExecutor();
		try {
			Future<Integer> changes = thread.submit(() -> {
				int changed = 0;
				while (!done.get()) {
					changed += this.tasks.jdbc().update("UPDATE pg_task SET tried = tried + 1 WHERE id = ?", id);
				}
				return changed;
			});
			Instant expected = this.admin.find(id).orElseThrow().wakeupAt();
			int successes = 0;
			for (int i = 0; i < 100 || successes == 0; i++) {
				Instant time = AdminTasks.LATER.plusSeconds(i);
				if (this.admin.reschedule(id, time) == ActionResult.DONE) {
					expected = time;
					successes++;
				}
				assertThat(this.admin.find(id).orElseThrow().wakeupAt()).isEqualTo(expected);
			}
			done.set(true);
			int changed = changes.get();
			assertThat(this.admin.find(id).orElseThrow().tried()).isEqualTo(changed).isPositive();
		}
		finally {
			done.set(true);
			thread.shutdown();
		}
	}

	@Test
	void actionsInOppositeOrdersDoNotDeadlock() throws Exception {
		UUID first = this.tasks.scheduled();
		UUID second = this.tasks.scheduled();
		ExecutorService threads = Executors.newFixedThreadPool(2);
		try {
			List<Future<?>> results = new ArrayList<>();
			for (List<UUID> order : List.of(List.of(first, second), List.of(second, first))) {
				results.add(threads.submit(() -> {
					for (int i = 0; i < 5; i++) {
						Producer.transaction(this.tasks.dataSource())
							.executeWithoutResult(
									(status) -> order.forEach((id) -> this.admin.reschedule(id, AdminTasks.LATER)));
					}
				}));
			}
			for (Future<?> result : results) {
				result.get();
			}
		}
		finally {
			threads.shutdown();
		}
	}

}
