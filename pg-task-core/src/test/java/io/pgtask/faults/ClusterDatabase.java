package io.pgtask.faults;

import java.util.List;
import java.util.Map;

import javax.sql.DataSource;

import com.zaxxer.hikari.HikariDataSource;
import io.pgtask.codec.StepCodec;
import io.pgtask.registry.TaskRegistry;
import io.pgtask.store.JdbcTaskAdmin;
import io.pgtask.store.JdbcTaskClient;
import io.pgtask.store.TaskTable;
import io.pgtask.store.Wakeups;
import io.pgtask.test.EmbeddedServer;
import io.pgtask.test.TaskSchema;
import io.pgtask.test.TestDatabase;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.json.JsonMapper;

import org.springframework.dao.DataAccessException;
import org.springframework.jdbc.core.simple.JdbcClient;

/**
 * The server of a cluster with its one database, and the sessions of the suite, which
 * faults strike as well.
 */
final class ClusterDatabase implements AutoCloseable {

	private static final Logger logger = LoggerFactory.getLogger(ClusterDatabase.class);

	private static final String FOOTPRINT = """
			SELECT pg_table_size('pg_task'), pg_indexes_size('pg_task'),
				(SELECT count(*) FROM pg_stat_activity WHERE datname = current_database())
			""";

	private final EmbeddedServer server;

	private final TestDatabase database;

	private final HikariDataSource pool;

	private final JdbcClient jdbc;

	private final Wakeups wakeups;

	/**
	 * Start a server, and create the tables.
	 * @param settings of the server
	 */
	ClusterDatabase(Map<String, String> settings) {
		this.server = EmbeddedServer.create(settings);
		this.database = this.server.createDatabase("faults");
		this.pool = Node.pool(url(), username(), password(), 10);
		this.jdbc = JdbcClient.create(this.pool);
		this.wakeups = new Wakeups(this.pool);
		TaskSchema.create(this.pool);
		this.jdbc.sql("CREATE TABLE effect (task text, step text)").update();
		logger.info("The server writes durably: {}", this.jdbc.sql("""
				SELECT string_agg(name || ' ' || setting, ', ') FROM pg_settings
				WHERE name IN ('fsync', 'synchronous_commit', 'full_page_writes', 'server_version')
				""").query(String.class).single());
	}

	String url() {
		return this.database.url();
	}

	String username() {
		return this.database.username();
	}

	String password() {
		return this.database.password();
	}

	DataSource dataSource() {
		return this.pool;
	}

	JdbcClient jdbc() {
		return this.jdbc;
	}

	JdbcTaskAdmin admin() {
		return new JdbcTaskAdmin(this.pool, TaskTable.inSearchPath(), this.wakeups);
	}

	JdbcTaskClient client() {
		return new JdbcTaskClient(this.pool, TaskTable.inSearchPath(),
				new StepCodec(JsonMapper.builder().build(), TaskRegistry.empty()), List.of(), this.wakeups);
	}

	/** Kills the server. */
	void crash() {
		this.server.crash();
	}

	/** Starts the server that was killed. */
	void restart() {
		this.server.start();
	}

	void terminateConnections() {
		this.database.terminateConnections();
	}

	/**
	 * Does something by a session that may be cut meanwhile. Whether it was done nobody
	 * knows then.
	 */
	void attempt(Runnable deed) {
		try {
			deed.run();
		}
		catch (DataAccessException ex) {
			logger.info("The suite has lost its session: {}", ex.toString());
		}
	}

	/** What would grow if anything were left behind. */
	Map<String, Long> footprint() {
		return this.jdbc.sql(FOOTPRINT)
			.query((row, number) -> Map.of("table", row.getLong(1), "indexes", row.getLong(2), "connections",
					row.getLong(3)))
			.single();
	}

	/**
	 * Whether there are tasks that are neither done nor parked, or the server does not
	 * tell, because it has just been started or has much to do.
	 */
	boolean mayHaveOpen() {
		try {
			return this.jdbc.sql("SELECT count(*) FROM pg_task WHERE error IS NULL").query(Integer.class).single() > 0;
		}
		catch (DataAccessException ex) {
			logger.info("The server does not tell what is open: {}", ex.toString());
			return true;
		}
	}

	/** What transactional steps have done more than once. */
	List<String> doubleEffects() {
		return this.jdbc.sql("SELECT task || ' ' || step FROM effect GROUP BY task, step HAVING count(*) > 1")
			.query(String.class)
			.list();
	}

	@Override
	public void close() {
		this.wakeups.close();
		this.pool.close();
		this.database.close();
		this.server.close();
	}

}
