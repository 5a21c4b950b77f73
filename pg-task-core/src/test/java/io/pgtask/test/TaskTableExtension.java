package io.pgtask.test;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;

import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * Makes the table before the first test of a class, and empties it before each.
 */
class TaskTableExtension implements BeforeAllCallback, BeforeEachCallback {

	@Override
	public void beforeAll(ExtensionContext context) {
		TaskSchema.create(PostgresExtension.database(context).dataSource());
	}

	@Override
	public void beforeEach(ExtensionContext context) throws SQLException {
		try (Connection connection = PostgresExtension.database(context).dataSource().getConnection();
				Statement statement = connection.createStatement()) {
			statement.execute("TRUNCATE pg_task, pg_task_paused");
		}
	}

}
