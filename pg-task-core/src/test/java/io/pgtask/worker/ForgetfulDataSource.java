package io.pgtask.worker;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.concurrent.atomic.AtomicInteger;

import javax.sql.DataSource;

import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.datasource.DelegatingDataSource;

/**
 * Loses the answer to commits: the database has committed, but the caller is told that
 * the connection broke.
 */
final class ForgetfulDataSource extends DelegatingDataSource {

	private final AtomicInteger toForget = new AtomicInteger();

	ForgetfulDataSource(DataSource target) {
		super(target);
	}

	/** From now on, the answers to so many commits are lost. */
	void forget(int commits) {
		this.toForget.set(commits);
	}

	/** Returns how many answers are still to be lost. */
	int toForget() {
		return this.toForget.get();
	}

	@Override
	public Connection getConnection() throws SQLException {
		Connection connection = super.getConnection();
		return (Connection) Proxy.newProxyInstance(getClass().getClassLoader(), new Class<?>[] { Connection.class },
				(proxy, method, arguments) -> invoke(connection, method, arguments));
	}

	private @Nullable Object invoke(Connection connection, Method method, @Nullable Object @Nullable [] arguments)
			throws Throwable {
		try {
			Object result = method.invoke(connection, arguments);
			if (method.getName().equals("commit") && this.toForget.getAndUpdate((left) -> Math.max(0, left - 1)) > 0) {
				connection.unwrap(Connection.class).abort(Runnable::run);
				throw new SQLException("An I/O error occurred while sending to the backend.", "08006");
			}
			return result;
		}
		catch (InvocationTargetException ex) {
			throw ex.getTargetException();
		}
	}

}
