package io.pgtask.worker;

import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;

import ch.qos.logback.classic.Level;
import io.pgtask.HousekeepingReport;
import io.pgtask.TaskHousekeeping;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import org.springframework.dao.DataAccessResourceFailureException;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * Tests for {@link Housekeeper}.
 */
@Timeout(60)
class HousekeeperTests {

	private static final HousekeepingReport HINDERED = new HousekeepingReport(true, List.of(), List.of(),
			List.of("pg_task_history_20010101"), 0, 0);

	private final AtomicInteger rounds = new AtomicInteger();

	private final AtomicReference<RuntimeException> failure = new AtomicReference<>();

	private final AtomicReference<HousekeepingReport> report = new AtomicReference<>(HousekeepingReport.NOTHING);

	private final Housekeeper housekeeper = new Housekeeper(new Counting(), Duration.ofMillis(20));

	@AfterEach
	void stop() {
		this.housekeeper.stop();
	}

	@Test
	void theFirstRoundIsDoneWhenTheStartReturnsAndOthersFollow() {
		Housekeeper rare = new Housekeeper(new Counting(), Duration.ofDays(1));
		rare.start();
		rare.start();
		assertThat(rare.isRunning()).isTrue();
		assertThat(this.rounds).hasValue(1);
		rare.stop();
		this.housekeeper.start();
		await().until(() -> this.rounds.get() > 5);
	}

	@Test
	void itMayBeStartedAgain() {
		this.housekeeper.start();
		this.housekeeper.stop();
		assertThat(this.housekeeper.isRunning()).isFalse();
		int before = this.rounds.get();
		this.housekeeper.start();
		await().until(() -> this.rounds.get() > before + 2);
	}

	@Test
	void anOutageIsLoggedOnceAndEndsNothing() {
		this.failure.set(new DataAccessResourceFailureException("no database"));
		try (LogCapture log = LogCapture.open()) {
			this.housekeeper.start();
			await().until(() -> this.rounds.get() > 5 && log.lines(Level.INFO).size() == 1);
			this.failure.set(null);
			await().until(() -> log.lines(Level.INFO).size() == 2);
			int before = this.rounds.get();
			await().until(() -> this.rounds.get() > before + 3);
			assertThat(log.lines(Level.INFO)).hasSize(2);
			assertThat(log.lines(Level.INFO).get(0)).contains("The housekeeping cannot work", "no database");
			assertThat(log.lines(Level.INFO).get(1)).startsWith("The housekeeping works again");
		}
	}

	@Test
	void whatSomebodyHoldsUpIsLoggedOnce() {
		this.report.set(HINDERED);
		try (LogCapture log = LogCapture.open()) {
			this.housekeeper.start();
			await().until(() -> this.rounds.get() > 5);
			assertThat(log.lines(Level.INFO)).singleElement().asString().contains("pg_task_history_20010101");
		}
	}

	/** Counts its rounds. */
	private final class Counting implements TaskHousekeeping {

		@Override
		public HousekeepingReport run() {
			HousekeeperTests.this.rounds.incrementAndGet();
			RuntimeException failure = HousekeeperTests.this.failure.get();
			if (failure != null) {
				throw failure;
			}
			return Objects.requireNonNull(HousekeeperTests.this.report.get());
		}

		@Override
		public HousekeepingReport createPartitions() {
			return HousekeepingReport.NOTHING;
		}

		@Override
		public HousekeepingReport pruneHistory() {
			return HousekeepingReport.NOTHING;
		}

		@Override
		public HousekeepingReport moveDeadTasks() {
			return HousekeepingReport.NOTHING;
		}

	}

}
