package io.pgtask.bank;

import java.util.List;
import java.util.Random;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;

import io.pgtask.codec.StepCodec;
import io.pgtask.registry.TaskRegistry;
import io.pgtask.store.JdbcTaskClient;
import io.pgtask.store.TaskTable;
import io.pgtask.store.Wakeups;
import io.pgtask.test.TestDatabase;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.json.JsonMapper;

import org.springframework.jdbc.support.JdbcTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * Where customers order transfers, each in a transaction with its task, and where the
 * money is counted all the time.
 */
final class Counter implements AutoCloseable {

	/** Enough work for both nodes, and not more than they get done. */
	private static final int MOST_OPEN = 100;

	private final Random random;

	private final Bank bank;

	private final Books books;

	private final TransactionTemplate transaction;

	private final Wakeups wakeups;

	private final JdbcTaskClient tasks;

	private final ScheduledExecutorService clerk = Executors.newScheduledThreadPool(2);

	private final ScheduledFuture<?> ordering;

	private final ScheduledFuture<?> counting;

	private int last;

	private volatile int rolledBack;

	private volatile int looks;

	private volatile @Nullable Throwable trouble;

	Counter(TestDatabase database, Random random) {
		this.random = random;
		this.bank = new Bank(database.dataSource());
		this.books = new Books(database.dataSource());
		this.transaction = new TransactionTemplate(new JdbcTransactionManager(database.dataSource()));
		this.wakeups = new Wakeups(database.dataSource());
		this.tasks = new JdbcTaskClient(database.dataSource(), TaskTable.inSearchPath(),
				new StepCodec(JsonMapper.builder().build(), TaskRegistry.empty()), List.of(), this.wakeups);
		this.ordering = every(50, this::order);
		this.counting = every(100, this::count);
	}

	private ScheduledFuture<?> every(int millis, Runnable work) {
		return this.clerk.scheduleWithFixedDelay(() -> {
			try {
				work.run();
			}
			catch (RuntimeException | Error ex) {
				this.trouble = ex;
				throw ex;
			}
		}, 0, millis, TimeUnit.MILLISECONDS);
	}

	private void order() {
		for (int missing = MOST_OPEN - this.books.open(); missing > 0; missing--) {
			this.transaction.executeWithoutResult((status) -> {
				Transfer.Accept transfer = transfer();
				this.bank.order(transfer);
				this.tasks.enqueue(transfer);
				if (this.random.nextInt(10) == 0) {
					this.rolledBack++;
					status.setRollbackOnly();
				}
			});
		}
	}

	private Transfer.Accept transfer() {
		int from = 1 + this.random.nextInt(Bank.ACCOUNTS);
		int to = 1 + (from + this.random.nextInt(Bank.ACCOUNTS - 1)) % Bank.ACCOUNTS;
		return new Transfer.Accept(++this.last, from, to, 1 + this.random.nextInt(100));
	}

	private void count() {
		this.books.assertNoMoneyIsLostOrMade();
		this.looks++;
	}

	/** Takes no more orders, and goes on counting. */
	void closeForToday() {
		this.ordering.cancel(false);
	}

	/** Fails if the money did not add up, or nobody could count it. */
	void requireGood() {
		Throwable current = this.trouble;
		if (current != null) {
			throw new AssertionError("The bank is in trouble", current);
		}
	}

	int looks() {
		return this.looks;
	}

	int rolledBack() {
		return this.rolledBack;
	}

	@Override
	public void close() {
		this.counting.cancel(false);
		this.clerk.shutdown();
		try {
			this.clerk.awaitTermination(10, TimeUnit.SECONDS);
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
		}
		this.wakeups.close();
	}

}
