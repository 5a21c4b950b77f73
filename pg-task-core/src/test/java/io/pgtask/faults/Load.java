package io.pgtask.faults;

import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

import javax.sql.DataSource;

import io.pgtask.OnConflict;
import io.pgtask.TaskClient;
import io.pgtask.TaskOptions;

import org.springframework.jdbc.support.JdbcTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * Enqueues tasks of all sorts at a steady rate, as a seed decides, and records what came
 * of it. Where the answer was an exception nothing is recorded: the task may be there.
 */
final class Load implements AutoCloseable {

	private static final int KEYS = 5;

	/** A transaction that takes longer than any survey looks back. */
	private static final Duration LATE = Duration.ofMillis(1500);

	private final String producer;

	private final Journal journal;

	private final TaskClient client;

	private final TransactionTemplate transaction;

	private final Random random;

	private final Set<UUID> taken = new HashSet<>();

	/** A key whose fate nobody knows is not used again. */
	private final Map<Integer, Integer> generations = new HashMap<>();

	private final Thread thread;

	private final Thread lateThread;

	private final int rate;

	private final boolean poison;

	private volatile boolean closed;

	private int count;

	/**
	 * Begin to enqueue.
	 * @param producer a part of the names of the tasks
	 * @param rate how many tasks a second
	 * @param poison whether there are some among them that cannot end
	 */
	Load(String producer, Journal journal, TaskClient client, DataSource dataSource, int rate, boolean poison,
			long seed) {
		this.producer = producer;
		this.journal = journal;
		this.client = client;
		this.transaction = new TransactionTemplate(new JdbcTransactionManager(dataSource));
		this.rate = rate;
		this.poison = poison;
		this.random = new Random(seed);
		this.thread = new Thread(this::run, "load");
		this.lateThread = new Thread(this::commitLate, "late load");
		this.thread.setDaemon(true);
		this.lateThread.setDaemon(true);
		this.thread.start();
		this.lateThread.start();
	}

	private void run() {
		if (this.rate == 0) {
			return;
		}
		long interval = TimeUnit.SECONDS.toNanos(1) / this.rate;
		long next = System.nanoTime();
		while (!this.closed) {
			enqueueOne();
			// What was missed while the database was away is not made up for.
			next = Math.max(next + interval, System.nanoTime() - interval);
			LockSupport.parkNanos(next - System.nanoTime());
		}
	}

	private void enqueueOne() {
		int dice = this.random.nextInt(100);
		if (this.poison && dice < 2) {
			enqueue(new Trip.First(name(poison())));
		}
		else if (dice < 15) {
			enqueue(new Booking.First(name("booking")));
		}
		else if (dice < 30) {
			delay(new Trip.First(name("delayed")));
		}
		else if (dice < 40) {
			enqueueUnique(dice % KEYS);
		}
		else if (dice < 45) {
			rollBack(new Trip.First(name("undone")));
		}
		else if (dice < 60) {
			inTransaction(new Trip.First(name("joined")), Duration.ofMillis(2));
		}
		else {
			enqueue(new Trip.First(name((dice < 64) ? "slow" : "plain")));
		}
	}

	/** What ends its process is rare, as processes take long to start. */
	private String poison() {
		int dice = this.random.nextInt(20);
		return (dice == 0) ? "exit" : (dice < 3) ? "hangs" : (dice < 11) ? "memory" : "throws";
	}

	private synchronized String name(String behaviour) {
		return behaviour + "-" + this.producer + "-" + this.count++;
	}

	private void enqueue(Object state) {
		attempt(state, () -> {
			this.client.enqueue(state);
			this.journal.write(Event.Kind.ENQUEUED, name(state));
		});
	}

	private void delay(Object state) {
		attempt(state, () -> {
			this.client.delay(state, Duration.ofMillis(300));
			this.journal.write(Event.Kind.ENQUEUED, name(state));
		});
	}

	private void inTransaction(Object state, Duration pause) {
		attempt(state, () -> {
			this.transaction.executeWithoutResult((status) -> {
				this.client.enqueue(state);
				LockSupport.parkNanos(pause.toNanos());
			});
			this.journal.write(Event.Kind.ENQUEUED, name(state));
		});
	}

	private void rollBack(Object state) {
		attempt(state, () -> {
			this.journal.write(Event.Kind.REJECTED, name(state));
			this.transaction.executeWithoutResult((status) -> {
				this.client.enqueue(state);
				LockSupport.parkNanos(Duration.ofMillis(5).toNanos());
				status.setRollbackOnly();
			});
		});
	}

	private void enqueueUnique(int number) {
		String name = name("unique");
		String key = this.producer + "/" + number + "/" + this.generations.getOrDefault(number, 0);
		this.journal.write(Event.Kind.ENQUEUE, name, "", key);
		try {
			UUID id = this.client.enqueue(new Trip.First(name),
					TaskOptions.DEFAULT.withUniqueKey(key, OnConflict.KEEP));
			this.journal.write(this.taken.add(id) ? Event.Kind.ENQUEUED : Event.Kind.REJECTED, name);
		}
		catch (RuntimeException ex) {
			this.generations.merge(number, 1, Integer::sum);
		}
	}

	private void attempt(Object state, Runnable enqueue) {
		this.journal.write(Event.Kind.ENQUEUE, name(state));
		try {
			enqueue.run();
		}
		catch (RuntimeException ex) {
			// Whether it is there nobody knows, or it was the rollback that failed.
		}
	}

	private static String name(Object state) {
		return (state instanceof Booking.First first) ? first.name() : ((Trip.First) state).name();
	}

	private void commitLate() {
		while (!this.closed && this.rate > 0) {
			inTransaction(new Trip.First(name("late")), LATE);
			LockSupport.parkNanos(LATE.toNanos());
		}
	}

	@Override
	public void close() throws InterruptedException {
		this.closed = true;
		LockSupport.unpark(this.thread);
		LockSupport.unpark(this.lateThread);
		this.thread.join();
		this.lateThread.join();
	}

}
