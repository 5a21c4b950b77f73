package io.pgtask.faults;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

import javax.sql.DataSource;

import com.zaxxer.hikari.HikariDataSource;
import io.pgtask.TaskClient;
import io.pgtask.worker.Worker;
import io.pgtask.worker.WorkerSettings;

import org.springframework.jdbc.core.simple.JdbcClient;

/**
 * A {@link Node} in this JVM, whose steps and connections a test has in its hands. Its
 * process cannot be killed, but what remains of one is what remains of this: sessions
 * that have ended in the midst of what they did, and a journal that ends there.
 */
final class LocalNode {

	static final int SLOTS = 2;

	static final int MAX_DELIVERIES = 2;

	private static final int LONGEST_SECONDS = 60;

	private static final WorkerSettings SETTINGS = WorkerSettings.DEFAULT.withConcurrency(SLOTS)
		.withLease(Duration.ofSeconds(9), Duration.ofMillis(500))
		.withPollInterval(Duration.ofMillis(500))
		.withShutdownTimeout(Duration.ofMillis(500))
		.withMaxDeliveries(MAX_DELIVERIES);

	private final String name;

	private final Journal journal;

	private final HikariDataSource pool;

	private final Line line;

	private final DataSource dataSource;

	private final Application application;

	private final CountDownLatch held = new CountDownLatch(1);

	private final CountDownLatch goOn = new CountDownLatch(1);

	private final CountDownLatch interrupted = new CountDownLatch(1);

	private final CountDownLatch dead = new CountDownLatch(1);

	private volatile String heldStep = "";

	/**
	 * Create a node that does not work yet.
	 * @param onUse called each time the patch acts
	 */
	LocalNode(String name, Journal journal, HikariDataSource pool, Patch patch, Runnable onUse) {
		this.name = name;
		this.journal = journal;
		this.pool = pool;
		this.line = new Line(pool);
		this.dataSource = patch.dataSource(new RecordingDataSource(this.line, journal), onUse);
		this.application = new Application(this.dataSource,
				Steps.registry(journal, JdbcClient.create(this.dataSource), this::run), SETTINGS,
				(worker) -> patch.starter(worker, onUse));
	}

	private void run(String behaviour, String step) throws InterruptedException {
		if (behaviour.equals("exit") && step.equals(Trip.POISONED)) {
			die();
			throw new IllegalStateException("This thread does not exist any more");
		}
		if (step.equals(this.heldStep)) {
			this.held.countDown();
			waitFor(this.goOn);
		}
	}

	private void waitFor(CountDownLatch latch) throws InterruptedException {
		try {
			if (!latch.await(LONGEST_SECONDS, TimeUnit.SECONDS)) {
				throw new IllegalStateException("Nothing has happened for a minute");
			}
		}
		catch (InterruptedException ex) {
			this.interrupted.countDown();
			throw ex;
		}
	}

	String name() {
		return this.name;
	}

	Line line() {
		return this.line;
	}

	/** Where its application would work besides. */
	DataSource dataSource() {
		return this.dataSource;
	}

	Worker worker() {
		return this.application.worker();
	}

	TaskClient client() {
		return this.application.client();
	}

	/** Lets a step last until {@link #goOn()}, or until it is interrupted. */
	LocalNode holdAt(String step) {
		this.heldStep = step;
		return this;
	}

	void awaitHeld() throws InterruptedException {
		waitFor(this.held);
	}

	void goOn() {
		this.goOn.countDown();
	}

	boolean isInterrupted() {
		return this.interrupted.getCount() == 0;
	}

	/** What happens from now on has not happened. Its threads end when they see that. */
	void die() {
		end();
		this.dead.countDown();
		this.application.worker().stop();
	}

	private void end() {
		try {
			this.journal.close();
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
		this.pool.close();
	}

	boolean isDead() {
		return this.dead.getCount() == 0;
	}

	/** Stops as it should, if it is not dead. */
	void stop() {
		if (!isDead()) {
			this.application.stop();
			this.journal.write(Event.Kind.STOPPED, "");
			end();
			this.dead.countDown();
		}
	}

}
