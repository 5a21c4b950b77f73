package io.pgtask.autoconfigure;

import java.sql.Connection;
import java.time.Duration;

import javax.sql.DataSource;

import io.pgtask.PgTaskConfigurationException;
import io.pgtask.store.SchemaCheck;
import io.pgtask.store.SchemaState;
import io.pgtask.store.TaskTable;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;

import org.springframework.jdbc.core.ConnectionCallback;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.support.JdbcTransactionManager;
import org.springframework.transaction.TransactionDefinition;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * Brings pg-task's schema to the version and the mode this node needs, in one transaction
 * that holds an advisory lock: nodes which start together migrate once, and of a node
 * that is killed on the way nothing remains, no half-made table and no lock. Everything
 * in a transaction, settings included, also works through a transaction-pooling proxy,
 * and with a pool of one connection.
 * <p>
 * If nothing is to be done, one query shows it, and Liquibase is not even loaded.
 */
class SchemaMigration {

	private static final Log logger = LogFactory.getLog(SchemaMigration.class);

	/** The bytes of "pg_task". The same for all schemas: they are rarely migrated. */
	private static final long LOCK_KEY = 0x70675f7461736bL;

	/** How long to wait for a node that migrates. */
	private static final Duration NODE_TIMEOUT = Duration.ofMinutes(5);

	/**
	 * How long to wait for transactions that use an existing table. Everyone else waits
	 * behind the one who waits for an exclusive lock.
	 */
	private static final Duration TABLE_TIMEOUT = Duration.ofSeconds(30);

	/** Limits that make sense for an application's statements, not for these. */
	private static final String LIFT_LIMITS = """
			SELECT set_config(name, '0', true) FROM pg_settings
			WHERE name IN ('statement_timeout', 'idle_in_transaction_session_timeout', 'transaction_timeout')
			""";

	/**
	 * A server process that waits for a lock otherwise does not notice that its client
	 * was killed. Not every platform can.
	 */
	private static final String NOTICE_KILLED_CLIENT = """
			DO $$BEGIN
			    PERFORM set_config('client_connection_check_interval', '2s', true);
			EXCEPTION WHEN invalid_parameter_value THEN
			    NULL;
			END$$""";

	private static final String SET = "SELECT set_config(?, ?, true)";

	private static final String LOCK = "SELECT pg_advisory_xact_lock(?) IS NULL";

	private static final String SCHEMA_EXISTS = "SELECT EXISTS (SELECT FROM pg_namespace WHERE nspname = ?)";

	private static final String CURRENT_SCHEMA = "SELECT current_schema()";

	private final JdbcTemplate jdbc;

	private final TransactionTemplate transaction;

	private final TaskTable table;

	private final boolean sharedWithRust;

	SchemaMigration(DataSource dataSource, TaskTable table, boolean sharedWithRust) {
		this.jdbc = new JdbcTemplate(dataSource);
		this.transaction = new TransactionTemplate(new JdbcTransactionManager(dataSource));
		// With the snapshot of a stricter level the work of the node that was faster is
		// invisible.
		this.transaction.setIsolationLevel(TransactionDefinition.ISOLATION_READ_COMMITTED);
		this.table = table;
		this.sharedWithRust = sharedWithRust;
	}

	/**
	 * Migrate the schema if that is necessary.
	 * @throws PgTaskConfigurationException if the database refuses, with what to do
	 * @throws org.springframework.dao.DataAccessException if it cannot be reached
	 */
	void run() {
		if (isDone(inConnection((connection) -> {
			SchemaCheck.verifyServer(connection);
			return SchemaState.read(connection, this.table);
		}))) {
			return;
		}
		try {
			this.transaction.executeWithoutResult((status) -> migrate());
		}
		catch (RuntimeException ex) {
			throw SchemaMigrationFailure.translate(ex, this.table);
		}
	}

	private void migrate() {
		long started = System.nanoTime();
		this.jdbc.query(LIFT_LIMITS, (row) -> {
		});
		this.jdbc.execute(NOTICE_KILLED_CLIENT);
		set("lock_timeout", NODE_TIMEOUT.toMillis() + "ms");
		this.jdbc.queryForObject(LOCK, Boolean.class, LOCK_KEY);
		set("lock_timeout", TABLE_TIMEOUT.toMillis() + "ms");
		SchemaState before = state();
		if (isDone(before)) {
			return;
		}
		TaskTable target = TaskTable.inSchema(prepareSchema(before));
		set("search_path", target.quotedSchema());
		inConnection((connection) -> {
			LiquibaseRun.update(connection, this.sharedWithRust);
			return true;
		});
		requireDone(target);
		logger.info("Migrated schema '%s' to version %d of pg-task%s in %d ms".formatted(target.schema(),
				SchemaState.CURRENT_VERSION, this.sharedWithRust ? ", shared with Rust workers," : "",
				Duration.ofNanos(System.nanoTime() - started).toMillis()));
	}

	private boolean isDone(SchemaState state) {
		if (state.version() > SchemaState.CURRENT_VERSION) {
			logger.warn("Schema '%s' is at version %d of pg-task, newer than version %d of this release: left alone"
				.formatted(state.schema(), state.version(), SchemaState.CURRENT_VERSION));
		}
		return state.isCurrent(this.sharedWithRust);
	}

	private String prepareSchema(SchemaState before) {
		String schema = this.table.schema();
		if (schema == null) {
			// Where an existing table is found workers will find it, too.
			return (before.schema() != null) ? before.schema() : currentSchema();
		}
		// CREATE SCHEMA IF NOT EXISTS asks for the privilege even if the schema exists.
		if (!Boolean.TRUE.equals(this.jdbc.queryForObject(SCHEMA_EXISTS, Boolean.class, schema))) {
			this.jdbc.execute("CREATE SCHEMA " + this.table.quotedSchema());
		}
		return schema;
	}

	private String currentSchema() {
		String schema = this.jdbc.queryForObject(CURRENT_SCHEMA, String.class);
		if (schema == null) {
			throw new PgTaskConfigurationException(
					"No schema of the search path of pg-task's connections exists: there is no place for the table pg_task",
					"Set pg-task.schema to the schema that pg-task should use, which it creates if necessary.");
		}
		return schema;
	}

	private void requireDone(TaskTable target) {
		SchemaState after = inConnection((connection) -> SchemaState.read(connection, target));
		if (!after.isCurrent(this.sharedWithRust)) {
			throw new PgTaskConfigurationException(
					"Liquibase ran, but left the schema '%s' at version %d of pg-task instead of %d"
						.formatted(target.schema(), after.version(), SchemaState.CURRENT_VERSION),
					"Look whether a setting of Liquibase, such as liquibase.shouldRun=false, keeps it from running, or "
							+ "set pg-task.liquibase.enabled=false and migrate the schema in another way.");
		}
	}

	private SchemaState state() {
		return inConnection((connection) -> SchemaState.read(connection, this.table));
	}

	private void set(String name, String value) {
		this.jdbc.queryForObject(SET, String.class, name, value);
	}

	private <T> T inConnection(ConnectionCallback<T> callback) {
		T result = this.jdbc.execute(callback);
		if (result == null) {
			throw new IllegalStateException("No result");
		}
		return result;
	}

}
