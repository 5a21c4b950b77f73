package io.pgtask.worker;

import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;

import javax.sql.DataSource;

import com.zaxxer.hikari.HikariDataSource;
import io.pgtask.test.TaskTableTest;
import io.pgtask.test.TestDatabase;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import static io.pgtask.worker.UnreliableDataSource.LISTENER;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * Tests for {@link Notifications}.
 */
@TaskTableTest
class NotificationsTests {

	private static final String MARK = "mark";

	private final TestDatabase database;

	private final WorkerHarness harness;

	private final UnreliableDataSource dataSource;

	private final List<String> received = new CopyOnWriteArrayList<>();

	private final AtomicInteger listened = new AtomicInteger();

	private @Nullable Notifications notifications;

	private @Nullable Thread thread;

	NotificationsTests(TestDatabase database) {
		this.database = database;
		this.harness = new WorkerHarness(database);
		this.dataSource = new UnreliableDataSource(database.dataSource());
	}

	@AfterEach
	void stop() throws Exception {
		this.dataSource.recover(LISTENER);
		if (this.notifications != null && this.thread != null) {
			this.notifications.stop();
			this.thread.join(10_000);
			assertThat(this.thread.isAlive()).isFalse();
		}
		this.harness.stopAll();
	}

	@Test
	void anInsertedTaskNotifies() {
		listen(this.dataSource);
		this.harness.insert("Start", "a");
		assertReceived("");
	}

	@Test
	void aClearedErrorNotifies() {
		UUID id = this.harness.insertQuietly("Start", "a");
		this.harness.jdbc().sql("UPDATE pg_task SET error = 'broken' WHERE id = ?").param(id).update();
		listen(this.dataSource);
		this.harness.jdbc().sql("UPDATE pg_task SET error = NULL WHERE id = ?").param(id).update();
		assertReceived("");
	}

	@Test
	void whatMakesNoWorkNotifiesNobody() {
		listen(this.dataSource);
		UUID id = this.harness.insertQuietly("Start", "a");
		this.harness.insertLeased("b", UUID.randomUUID(), Duration.ofMinutes(1));
		this.harness.jdbc().sql("UPDATE pg_task SET tried = 1, error = 'broken' WHERE id = ?").param(id).update();
		this.harness.jdbc().sql("DELETE FROM pg_task").update();
		assertReceived();
	}

	@Test
	void everyPayloadIsHandedOn() {
		listen(this.dataSource);
		notify("");
		notify("stop_worker");
		notify("something else");
		assertReceived("", "stop_worker", "something else");
	}

	@Test
	void aConnectionThatWasCutIsReplacedAndEveryoneIsToldThatItListensAgain() {
		Notifications notifications = listen(this.dataSource);
		this.database.terminateConnections();
		await().until(() -> this.listened.get() == 2);
		assertThat(notifications.downFor()).isNull();
		await().ignoreExceptions().until(() -> {
			notify("after");
			return true;
		});
		assertReceived("after");
	}

	@Test
	void aDatabaseThatIsAwayIsTriedAgainForAsLongAsItTakes() {
		this.dataSource.failFor(LISTENER, "08001");
		Notifications notifications = start(this.dataSource);
		await().until(() -> isDownFor(notifications, Duration.ofMillis(500)));
		assertThat(this.listened).hasValue(0);
		this.dataSource.recover(LISTENER);
		await().until(() -> this.listened.get() == 1);
		assertThat(notifications.downFor()).isNull();
	}

	@Test
	void aListenThatIsRefusedIsTriedAgain() {
		this.dataSource.refuseStatementsOf(LISTENER, "42501");
		Notifications notifications = start(this.dataSource);
		await().until(() -> this.dataSource.statements(LISTENER) > 2);
		assertThat(notifications.downFor()).isNotNull();
		this.dataSource.recover(LISTENER);
		await().until(() -> this.listened.get() == 1);
	}

	@Test
	void anExhaustedPoolIsWaitedFor() throws SQLException {
		HikariDataSource pool = this.harness.impatientPool(1);
		try (Connection all = pool.getConnection()) {
			Notifications notifications = start(pool);
			await().until(() -> isDownFor(notifications, Duration.ofMillis(500)));
			assertThat(all.isValid(1)).isTrue();
			assertThat(this.listened).hasValue(0);
		}
		await().until(() -> this.listened.get() == 1);
	}

	@Test
	void aStoppedListenerGivesBackAConnectionThatListensNoMore() throws Exception {
		HikariDataSource pool = this.database.createPool(1);
		Notifications notifications = listen(pool);
		notifications.stop();
		try (Connection connection = pool.getConnection(); var statement = connection.createStatement()) {
			assertThat(connection.getAutoCommit()).isTrue();
			try (var channels = statement.executeQuery("SELECT pg_listening_channels()")) {
				assertThat(channels.next()).isFalse();
			}
		}
	}

	private Notifications listen(DataSource dataSource) {
		Notifications started = start(dataSource);
		await().until(() -> this.listened.get() == 1);
		return started;
	}

	private Notifications start(DataSource dataSource) {
		Notifications created = new Notifications(dataSource,
				Map.of(WakeupChannels.CHANGED, this.received::add, MARK, this.received::add),
				this.listened::incrementAndGet);
		this.notifications = created;
		this.thread = WorkerThreads.daemon(LISTENER, created);
		this.thread.start();
		return created;
	}

	private static boolean isDownFor(Notifications notifications, Duration time) {
		Duration down = notifications.downFor();
		return down != null && down.compareTo(time) > 0;
	}

	private void notify(String payload) {
		this.harness.jdbc().sql("SELECT pg_notify('pg_task_changed', ?)").param(payload).query().singleRow();
	}

	/** Notifications arrive in the order of their commits, so the mark is the last. */
	private void assertReceived(String... payloads) {
		this.harness.jdbc().sql("SELECT pg_notify('mark', 'mark')").query().singleRow();
		await().until(() -> this.received.contains(MARK));
		this.received.remove(MARK);
		assertThat(this.received).containsExactly(payloads);
	}

}
