package io.pgtask.store;

import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;

import javax.sql.DataSource;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import com.zaxxer.hikari.HikariDataSource;
import io.pgtask.test.PostgresTest;
import io.pgtask.test.TestDatabase;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.slf4j.LoggerFactory;

import org.springframework.jdbc.datasource.DelegatingDataSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link Wakeups}.
 */
@PostgresTest
@Timeout(120)
class WakeupsTests {

	private static final Duration MOMENT = Duration.ofMillis(50);

	private static final Duration LONG = Duration.ofSeconds(30);

	private final TestDatabase database;

	private final Logger log = (Logger) LoggerFactory.getLogger(OutageLog.class);

	private final ListAppender<ILoggingEvent> logged = new ListAppender<>();

	private final Listener listener;

	WakeupsTests(TestDatabase database) throws SQLException {
		this.database = database;
		this.listener = new Listener(database, "pg_task_changed");
	}

	@BeforeEach
	void readTheLog() {
		this.logged.start();
		this.log.addAppender(this.logged);
		this.log.setAdditive(false);
	}

	@AfterEach
	void stopListening() throws SQLException {
		this.log.detachAppender(this.logged);
		this.log.setAdditive(true);
		this.listener.close();
	}

	@Test
	void aWakeUpReachesTheWorkersHereAtOnceAndOthersByNotification() {
		AtomicInteger first = new AtomicInteger();
		AtomicInteger second = new AtomicInteger();
		try (Wakeups wakeups = new Wakeups(this.database.dataSource())) {
			wakeups.localWorker(first::incrementAndGet);
			wakeups.localWorker(second::incrementAndGet);
			wakeups.wake();
			assertThat(first).hasValue(1);
			assertThat(second).hasValue(1);
			Awaitility.await().untilAsserted(() -> assertThat(this.listener.received()).containsExactly(""));
		}
	}

	@Test
	void aWorkerThatFailsKeepsNobodyFromBeingWoken() {
		AtomicInteger woken = new AtomicInteger();
		try (Wakeups wakeups = new Wakeups(this.database.dataSource())) {
			wakeups.localWorker(() -> {
				throw new IllegalStateException("broken");
			});
			wakeups.localWorker(woken::incrementAndGet);
			wakeups.wake();
			assertThat(woken).hasValue(1);
			Awaitility.await().untilAsserted(() -> assertThat(this.listener.received()).hasSize(1));
		}
	}

	@Test
	void whatIsRequestedDuringANotificationMakesExactlyOneMore() throws Exception {
		GatedDataSource gate = new GatedDataSource(this.database.dataSource());
		try (Wakeups wakeups = new Wakeups(gate)) {
			wakeups.wake();
			gate.entered.await();
			for (int i = 0; i < 100; i++) {
				wakeups.wake();
			}
			gate.open.countDown();
		}
		assertThat(this.listener.received()).hasSize(2);
		assertThat(gate.borrowed).hasValue(2);
	}

	@Test
	void closingSendsWhatIsPending() throws SQLException {
		Wakeups wakeups = new Wakeups(this.database.dataSource());
		wakeups.wake();
		wakeups.close();
		assertThat(this.listener.received()).hasSize(1);
	}

	@Test
	void closingDoesNotWaitForADatabaseThatHangs() throws Exception {
		GatedDataSource hanging = new GatedDataSource(this.database.dataSource());
		Wakeups wakeups = new Wakeups(hanging, LONG, MOMENT);
		wakeups.wake();
		hanging.entered.await();
		long start = System.nanoTime();
		wakeups.close();
		assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(5));
		Awaitility.await().until(() -> notifierThread() == null);
		assertThat(this.listener.received()).isEmpty();
	}

	@Test
	void afterClosingOnlyTheWorkersHereAreWoken() throws SQLException {
		AtomicInteger woken = new AtomicInteger();
		Wakeups wakeups = new Wakeups(this.database.dataSource());
		wakeups.localWorker(woken::incrementAndGet);
		wakeups.close();
		wakeups.wake();
		wakeups.wake();
		assertThat(woken).hasValue(2);
		assertThat(this.listener.received()).isEmpty();
		assertThat(notifierThread()).isNull();
	}

	@Test
	void theThreadIsADaemonThatEndsWhenIdleAndComesBack() {
		try (Wakeups wakeups = new Wakeups(this.database.dataSource(), MOMENT, LONG)) {
			assertThat(notifierThread()).isNull();
			wakeups.wake();
			Thread thread = notifierThread();
			assertThat(thread).isNotNull();
			assertThat(thread.isDaemon()).isTrue();
			Awaitility.await().until(() -> notifierThread() == null);
			wakeups.wake();
			Awaitility.await().untilAsserted(() -> assertThat(this.listener.received()).hasSize(2));
		}
	}

	@Test
	void aConnectionIsBorrowedOnlyForTheMoment() {
		try (HikariDataSource pool = this.database.createPool(1); Wakeups wakeups = new Wakeups(pool)) {
			wakeups.wake();
			Awaitility.await().untilAsserted(() -> assertThat(this.listener.received()).hasSize(1));
			Awaitility.await().until(() -> pool.getHikariPoolMXBean().getActiveConnections() == 0);
		}
	}

	@Test
	void aPoolWithoutAutoCommitNotifiesToo() throws SQLException {
		try (Wakeups wakeups = new Wakeups(new WithoutAutoCommit(this.database.dataSource()))) {
			wakeups.wake();
		}
		assertThat(this.listener.received()).hasSize(1);
	}

	@Test
	void failuresAreLoggedOncePerChangeAndDropped() {
		BreakableDataSource breakable = new BreakableDataSource(this.database.dataSource());
		breakable.broken.set(true);
		try (Wakeups wakeups = new Wakeups(breakable)) {
			wakeups.wake();
			Awaitility.await().until(() -> breakable.attempts.get() == 1);
			wakeups.wake();
			Awaitility.await().until(() -> breakable.attempts.get() == 2);
			breakable.broken.set(false);
			wakeups.wake();
			Awaitility.await().untilAsserted(() -> assertThat(this.listener.received()).hasSize(1));
		}
		assertThat(this.logged.list).extracting(ILoggingEvent::getLevel).containsExactly(Level.WARN, Level.INFO);
	}

	private static @Nullable Thread notifierThread() {
		return Thread.getAllStackTraces()
			.keySet()
			.stream()
			.filter((thread) -> thread.getName().equals("pg-task-wakeups"))
			.findAny()
			.orElse(null);
	}

	private static final class GatedDataSource extends DelegatingDataSource {

		private final CountDownLatch entered = new CountDownLatch(1);

		private final CountDownLatch open = new CountDownLatch(1);

		private final AtomicInteger borrowed = new AtomicInteger();

		private GatedDataSource(DataSource target) {
			super(target);
		}

		@Override
		public Connection getConnection() throws SQLException {
			this.borrowed.incrementAndGet();
			this.entered.countDown();
			try {
				this.open.await();
			}
			catch (InterruptedException ex) {
				throw new SQLException(ex);
			}
			return super.getConnection();
		}

	}

	private static final class BreakableDataSource extends DelegatingDataSource {

		private final AtomicBoolean broken = new AtomicBoolean();

		private final AtomicInteger attempts = new AtomicInteger();

		private BreakableDataSource(DataSource target) {
			super(target);
		}

		@Override
		public Connection getConnection() throws SQLException {
			this.attempts.incrementAndGet();
			if (this.broken.get()) {
				throw new SQLException("broken", "08001");
			}
			return super.getConnection();
		}

	}

}
