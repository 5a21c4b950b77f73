package io.pgtask.worker;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;

import javax.sql.DataSource;

import org.jspecify.annotations.Nullable;

import org.springframework.jdbc.datasource.DelegatingDataSource;

/**
 * Fails for single threads of a worker, and counts the statements of each.
 */
final class UnreliableDataSource extends DelegatingDataSource {

	static final String CLAIMER = "pg-task-claimer";

	static final String KEEPER = "pg-task-keeper";

	static final String WRITER = "pg-task-writer";

	static final String LISTENER = "pg-task-listener";

	private final Map<String, Supplier<? extends Exception>> failures = new ConcurrentHashMap<>();

	private final Map<String, Supplier<? extends Exception>> refusals = new ConcurrentHashMap<>();

	private final Map<String, AtomicInteger> statements = new ConcurrentHashMap<>();

	UnreliableDataSource(DataSource target) {
		super(target);
	}

	/**
	 * From now on, whatever a thread asks of the database fails.
	 * @param thread the name of the thread
	 * @param failure makes what is thrown
	 */
	void failFor(String thread, Supplier<? extends Exception> failure) {
		this.failures.put(thread, failure);
	}

	/** From now on, whatever a thread asks of the database fails with a SQLSTATE. */
	void failFor(String thread, String sqlState) {
		failFor(thread, () -> new SQLException("made to fail", sqlState));
	}

	/** From now on, a thread gets connections that refuse its statements. */
	void refuseStatementsOf(String thread, String sqlState) {
		this.refusals.put(thread, () -> new SQLException("made to refuse", sqlState));
	}

	void recover(String thread) {
		this.failures.remove(thread);
		this.refusals.remove(thread);
	}

	/** How many statements a thread has prepared, those that failed included. */
	int statements(String thread) {
		return counter(thread).get();
	}

	@Override
	public Connection getConnection() throws SQLException {
		failIfTold(this.failures);
		Connection connection = super.getConnection();
		return (Connection) Proxy.newProxyInstance(getClass().getClassLoader(), new Class<?>[] { Connection.class },
				(proxy, method, arguments) -> invoke(connection, method, arguments));
	}

	private @Nullable Object invoke(Connection connection, Method method, @Nullable Object @Nullable [] arguments)
			throws Throwable {
		if (method.getName().endsWith("Statement")) {
			counter(Thread.currentThread().getName()).incrementAndGet();
			failIfTold(this.failures);
			failIfTold(this.refusals);
		}
		try {
			return method.invoke(connection, arguments);
		}
		catch (InvocationTargetException ex) {
			throw ex.getTargetException();
		}
	}

	private static void failIfTold(Map<String, Supplier<? extends Exception>> told) throws SQLException {
		Supplier<? extends Exception> failure = told.get(Thread.currentThread().getName());
		if (failure != null) {
			Exception ex = failure.get();
			if (ex instanceof RuntimeException runtimeException) {
				throw runtimeException;
			}
			throw (SQLException) ex;
		}
	}

	private AtomicInteger counter(String thread) {
		return this.statements.computeIfAbsent(thread, (name) -> new AtomicInteger());
	}

}
