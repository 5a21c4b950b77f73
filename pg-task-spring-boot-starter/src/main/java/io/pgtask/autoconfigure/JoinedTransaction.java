package io.pgtask.autoconfigure;

import java.lang.reflect.InvocationHandler;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Savepoint;

import org.jspecify.annotations.Nullable;

/**
 * Lets code that commits and rolls back as it likes take part in a transaction which
 * belongs to someone else: what it commits and rolls back are savepoints.
 */
final class JoinedTransaction implements InvocationHandler {

	private final Connection connection;

	private Savepoint savepoint;

	private JoinedTransaction(Connection connection) throws SQLException {
		this.connection = connection;
		this.savepoint = connection.setSavepoint();
	}

	/**
	 * Give a view of a connection that joins its running transaction.
	 * @param connection the connection, with a transaction
	 * @return the view, which neither ends the transaction nor closes the connection
	 * @throws SQLException if the database fails
	 */
	static Connection join(Connection connection) throws SQLException {
		return (Connection) Proxy.newProxyInstance(JoinedTransaction.class.getClassLoader(),
				new Class<?>[] { Connection.class }, new JoinedTransaction(connection));
	}

	@Override
	public @Nullable Object invoke(Object proxy, Method method, Object @Nullable [] arguments) throws Throwable {
		int count = (arguments != null) ? arguments.length : 0;
		switch (method.getName()) {
			case "commit":
				this.connection.releaseSavepoint(this.savepoint);
				this.savepoint = this.connection.setSavepoint();
				return null;
			case "rollback":
				if (count == 0) {
					this.connection.rollback(this.savepoint);
					return null;
				}
				break;
			case "getAutoCommit":
				return false;
			case "setAutoCommit", "close", "abort", "setTransactionIsolation", "setReadOnly":
				return null;
			default:
				break;
		}
		try {
			return method.invoke(this.connection, arguments);
		}
		catch (InvocationTargetException ex) {
			throw ex.getTargetException();
		}
	}

}
