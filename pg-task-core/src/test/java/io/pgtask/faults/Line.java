package io.pgtask.faults;

import java.lang.reflect.Method;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.SQLTransientConnectionException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

import javax.sql.DataSource;

import org.jspecify.annotations.Nullable;

import org.springframework.jdbc.datasource.DelegatingDataSource;

/**
 * What lies between a worker of this JVM and its server. It can be made to swallow
 * everything from a certain statement on, or to let no new connection through.
 */
final class Line extends DelegatingDataSource {

	private volatile @Nullable Stall stall;

	private volatile boolean refusing;

	Line(DataSource target) {
		super(target);
	}

	@Override
	public Connection getConnection() throws SQLException {
		if (this.refusing) {
			throw new SQLTransientConnectionException("The line lets nobody through", "08001");
		}
		Connection target = super.getConnection();
		return Interception.of(Connection.class, (method, arguments) -> {
			Object result = Interception.pass(target, method, arguments);
			return (result instanceof PreparedStatement statement && arguments != null)
					? stalling(statement, String.valueOf(arguments[0])) : result;
		});
	}

	private PreparedStatement stalling(PreparedStatement target, String sql) {
		return Interception.of(PreparedStatement.class, (method, arguments) -> {
			Stall current = this.stall;
			return (current != null && method.getName().startsWith("execute"))
					? current.pass(sql, target, method, arguments) : Interception.pass(target, method, arguments);
		});
	}

	/**
	 * Lets the first statement that contains a text stand still before it reaches the
	 * server, and all that follow.
	 */
	Stall stallAt(String text) {
		Stall begun = new Stall(text);
		this.stall = begun;
		return begun;
	}

	/** Lets no new connection through, or all again. */
	void refuse(boolean refusing) {
		this.refusing = refusing;
	}

	/**
	 * A time in which nothing gets through.
	 */
	static final class Stall {

		private static final long LONGEST_SECONDS = 60;

		private final String text;

		private final AtomicBoolean begun = new AtomicBoolean();

		private final CountDownLatch reached = new CountDownLatch(1);

		private final CountDownLatch over = new CountDownLatch(1);

		private final CountDownLatch passed = new CountDownLatch(1);

		Stall(String text) {
			this.text = text;
		}

		/** Waits until the statement stands still. */
		void awaitReached() throws InterruptedException {
			await(this.reached);
		}

		/** Lets everything through, and waits until the statement has its answer. */
		void end() throws InterruptedException {
			this.over.countDown();
			await(this.passed);
		}

		private @Nullable Object pass(String sql, PreparedStatement target, Method method,
				@Nullable Object @Nullable [] arguments) throws Throwable {
			boolean first = sql.contains(this.text) && this.begun.compareAndSet(false, true);
			if (!this.begun.get()) {
				return Interception.pass(target, method, arguments);
			}
			this.reached.countDown();
			await(this.over);
			try {
				return Interception.pass(target, method, arguments);
			}
			finally {
				if (first) {
					this.passed.countDown();
				}
			}
		}

		private static void await(CountDownLatch latch) throws InterruptedException {
			if (!latch.await(LONGEST_SECONDS, TimeUnit.SECONDS)) {
				throw new IllegalStateException("Nothing has happened for a minute");
			}
		}

	}

}
