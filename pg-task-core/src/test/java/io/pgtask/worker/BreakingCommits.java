package io.pgtask.worker;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

import javax.sql.DataSource;

import org.jspecify.annotations.Nullable;

import org.springframework.jdbc.datasource.DelegatingDataSource;

/**
 * Breaks the connection of a step's thread while it commits: either the server has
 * committed and the answer is lost, or the server never heard of it.
 */
final class BreakingCommits extends DelegatingDataSource {

	private final Map<String, Boolean> planned = new ConcurrentHashMap<>();

	BreakingCommits(DataSource target) {
		super(target);
	}

	/**
	 * Break the next commit of the current thread.
	 * @param committed whether the server commits all the same
	 */
	void breakNext(boolean committed) {
		this.planned.put(Thread.currentThread().getName(), committed);
	}

	@Override
	public Connection getConnection() throws SQLException {
		Breakable breakable = new Breakable(super.getConnection());
		return (Connection) Proxy.newProxyInstance(getClass().getClassLoader(), new Class<?>[] { Connection.class },
				(proxy, method, arguments) -> breakable.invoke(method, arguments));
	}

	private final class Breakable {

		private final Connection target;

		private boolean broken;

		Breakable(Connection target) {
			this.target = target;
		}

		@Nullable Object invoke(Method method, @Nullable Object @Nullable [] arguments) throws Throwable {
			if (method.getName().equals("commit")) {
				breakAsPlanned();
			}
			else if (this.broken && !method.getName().equals("close")) {
				throw lost();
			}
			try {
				return method.invoke(this.target, arguments);
			}
			catch (InvocationTargetException ex) {
				throw ex.getTargetException();
			}
		}

		private void breakAsPlanned() throws SQLException {
			Boolean committed = BreakingCommits.this.planned.remove(Thread.currentThread().getName());
			if (committed != null) {
				if (committed) {
					this.target.commit();
				}
				else {
					this.target.rollback();
				}
				this.broken = true;
				throw lost();
			}
		}

		private static SQLException lost() {
			return new SQLException("made to lose the connection", "08006");
		}

	}

}
