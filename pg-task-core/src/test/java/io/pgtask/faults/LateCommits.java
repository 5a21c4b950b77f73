package io.pgtask.faults;

import java.lang.reflect.Method;
import java.sql.Connection;
import java.sql.SQLException;

import javax.sql.DataSource;

import org.jspecify.annotations.Nullable;

import org.springframework.jdbc.datasource.DelegatingDataSource;

/**
 * Lets the engine go on before its transitions are committed: that is done when it uses
 * the connection for the next time.
 */
final class LateCommits implements Patch {

	private static final String ADVANCE = "SET step = o.step, tried = 0";

	@Override
	public DataSource dataSource(DataSource engine, Runnable onUse) {
		return new DelegatingDataSource(engine) {

			@Override
			public Connection getConnection() throws SQLException {
				Late late = new Late(super.getConnection(), onUse);
				return Interception.of(Connection.class, late::invoke);
			}

		};
	}

	/**
	 * One connection.
	 */
	private static final class Late {

		private final Connection target;

		private final Runnable onUse;

		private boolean advanced;

		private boolean pending;

		Late(Connection target, Runnable onUse) {
			this.target = target;
			this.onUse = onUse;
		}

		@Nullable Object invoke(Method method, @Nullable Object @Nullable [] arguments) throws Throwable {
			String name = method.getName();
			if (name.equals("commit") && this.advanced) {
				this.advanced = false;
				this.pending = true;
				this.onUse.run();
				return null;
			}
			if (this.pending) {
				if (name.equals("setAutoCommit") && arguments != null && Boolean.TRUE.equals(arguments[0])) {
					return null;
				}
				this.pending = false;
				this.target.commit();
				this.target.setAutoCommit(true);
			}
			if (name.equals("prepareStatement") && arguments != null) {
				this.advanced |= String.valueOf(arguments[0]).contains(ADVANCE);
			}
			return Interception.pass(this.target, method, arguments);
		}

	}

}
