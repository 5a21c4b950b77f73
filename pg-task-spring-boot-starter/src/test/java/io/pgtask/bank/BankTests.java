package io.pgtask.bank;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Random;

import io.pgtask.test.PostgresTest;
import io.pgtask.test.TaskSchema;
import io.pgtask.test.TestDatabase;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import org.springframework.boot.convert.DurationStyle;
import org.springframework.jdbc.core.simple.JdbcClient;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * Money is transferred by the steps of two processes, which are killed, frozen beyond
 * their leases, and cut off from the database. The short form is one of the normal tests;
 * {@code pgtask.bank.duration} and {@code pgtask.bank.seed} make a long one.
 */
@PostgresTest
@DisabledOnOs(OS.WINDOWS)
class BankTests {

	private static final Logger logger = LoggerFactory.getLogger(BankTests.class);

	private static final Duration DURATION = DurationStyle
		.detectAndParse(System.getProperty("pgtask.bank.duration", "12s"));

	private static final long SEED = Long.getLong("pgtask.bank.seed", 4);

	/** Leases end, processes start, and retries are due. */
	private static final Duration CALM = Duration.ofMinutes(2);

	@TempDir
	private Path directory;

	private final TestDatabase database;

	private final Books books;

	BankTests(TestDatabase database) {
		this.database = database;
		this.books = new Books(database.dataSource());
	}

	@BeforeEach
	void openBank() {
		JdbcClient jdbc = JdbcClient.create(this.database.dataSource());
		jdbc.sql("DROP TABLE IF EXISTS account, transfer, attempt, booking, receipt, pg_task CASCADE").update();
		TaskSchema.create(this.database.dataSource());
		new Bank(this.database.dataSource()).open();
	}

	@Test
	void aTransactionalStepBooksEveryTransferOnceWhateverHappensToItsNodes() throws Exception {
		try (Faults faults = nodes(true); Counter counter = new Counter(this.database, new Random(SEED))) {
			long start = System.nanoTime();
			while (System.nanoTime() - start < DURATION.toNanos() || faults.killed() == 0
					|| this.books.repeated() == 0) {
				strike(faults, counter);
			}
			calmDown(faults, counter);
			this.books.assertEveryTransferWasBookedOnce();
			report("transactional", start, faults, counter);
		}
	}

	@Test
	void aStepThatIsNotTransactionalBooksTransfersTwiceThroughTheSameFaults() throws Exception {
		try (Faults faults = nodes(false); Counter counter = new Counter(this.database, new Random(SEED))) {
			long start = System.nanoTime();
			while (System.nanoTime() - start < CALM.toNanos() && this.books.bookedTwice().isEmpty()) {
				strike(faults, counter);
			}
			calmDown(faults, counter);
			assertThat(this.books.bookedTwice()).as("booked more than once, after " + faults).isNotEmpty();
			report("not transactional", start, faults, counter);
		}
	}

	private Faults nodes(boolean transactional) throws IOException {
		return new Faults(this.database, transactional, this.directory, SEED);
	}

	private static void strike(Faults faults, Counter counter) throws Exception {
		Duration pause = faults.strike();
		Thread.sleep(pause.toMillis());
		faults.requireStarted();
		counter.requireGood();
	}

	private void calmDown(Faults faults, Counter counter) throws IOException {
		counter.closeForToday();
		await().atMost(CALM).pollInterval(Duration.ofMillis(100)).failFast(() -> {
			faults.requireStarted();
			counter.requireGood();
		}).until(() -> this.books.open() == 0);
	}

	private void report(String kind, long start, Faults faults, Counter counter) {
		logger.info(
				"The bank, {}, seed {}, {} s: {} transfers ordered, {} orders rolled back, {} booked, {} of them more than once;"
						+ " {} begun more than once; the sum was right at {} looks; {}",
				kind, SEED, (System.nanoTime() - start) / 1_000_000_000, this.books.ordered(), counter.rolledBack(),
				this.books.booked(), this.books.bookedTwice().size(), this.books.repeated(), counter.looks(), faults);
	}

}
