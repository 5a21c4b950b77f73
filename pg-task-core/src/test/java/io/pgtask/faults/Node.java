package io.pgtask.faults;

import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import io.pgtask.registry.TaskRegistry;
import io.pgtask.worker.WorkerSettings;

import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.support.JdbcUtils;

/**
 * An application process: a worker, and a load that it may start directly. It stops as it
 * should when its standard input ends, and takes orders from it.
 */
public final class Node {

	static final Duration LEASE = Duration.ofSeconds(4);

	static final int SLOTS = 4;

	/** So that poison is known for what it is before the run is over. */
	static final int FEW_DELIVERIES = 4;

	/** Where faults strike every other second, a task is often there. */
	static final int MANY_DELIVERIES = 20;

	static final char EXHAUST_POOL = 'x';

	static final char END_LOAD = 'l';

	private static final WorkerSettings SETTINGS = WorkerSettings.DEFAULT.withConcurrency(SLOTS)
		.withLease(LEASE, LEASE.dividedBy(4))
		.withPollInterval(Duration.ofSeconds(2))
		.withShutdownTimeout(Duration.ofSeconds(3));

	private Node() {
	}

	public static void main(String[] arguments) throws Exception {
		Start start = Start.parse(arguments);
		HikariDataSource pool = pool(start.url(), start.user(), start.password(),
				SETTINGS.connections() + 1 + SLOTS + 3);
		Journal journal = new Journal(start.directory(), start.name());
		RecordingDataSource dataSource = new RecordingDataSource(pool, journal);
		TaskRegistry registry = Steps.registry(journal, JdbcClient.create(dataSource), start.release());
		Application application = new Application(dataSource, registry,
				SETTINGS.withMaxDeliveries(start.maxDeliveries()), (worker) -> worker);
		application.worker().start();
		Footprints footprints = new Footprints(journal, Node::footprint);
		Load load = new Load(start.name(), journal, application.client(), dataSource, start.rate(), false,
				start.seed());
		for (int order = System.in.read(); order >= 0; order = System.in.read()) {
			if (order == EXHAUST_POOL) {
				exhaust(pool);
			}
			else {
				load.close();
			}
		}
		load.close();
		footprints.close();
		application.stop();
		journal.write(Event.Kind.STOPPED, "");
		Runtime.getRuntime().halt(0);
	}

	private static Map<String, Long> footprint() {
		System.gc();
		return Map.of("heap", ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed(), "threads",
				(long) ManagementFactory.getThreadMXBean().getThreadCount());
	}

	/**
	 * The application takes every connection that it can get, and keeps them for long.
	 */
	private static void exhaust(HikariDataSource pool) throws InterruptedException {
		List<Connection> taken = new ArrayList<>();
		try {
			while (true) {
				taken.add(pool.getConnection());
			}
		}
		catch (SQLException ex) {
			TimeUnit.SECONDS.sleep(2);
		}
		for (Connection connection : taken) {
			JdbcUtils.closeConnection(connection);
		}
	}

	static HikariDataSource pool(String url, String user, String password, int size) {
		HikariConfig config = new HikariConfig();
		config.setJdbcUrl(url);
		config.setUsername(user);
		config.setPassword(password);
		config.setMaximumPoolSize(size);
		config.setConnectionTimeout(2000);
		config.setInitializationFailTimeout(-1);
		return new HikariDataSource(config);
	}

	/**
	 * What a process is told.
	 *
	 * @param name unique among all that are ever started
	 * @param directory where its journal is
	 * @param rate how many tasks it enqueues a second
	 */
	record Start(String name, Path directory, String url, String user, String password, Steps.Release release, int rate,
			long seed, int maxDeliveries) {

		List<String> arguments() {
			return List.of(this.name, this.directory.toString(), this.url, this.user, this.password,
					this.release.name(), Integer.toString(this.rate), Long.toString(this.seed),
					Integer.toString(this.maxDeliveries));
		}

		static Start parse(String[] arguments) {
			return new Start(arguments[0], Path.of(arguments[1]), arguments[2], arguments[3], arguments[4],
					Steps.Release.valueOf(arguments[5]), Integer.parseInt(arguments[6]), Long.parseLong(arguments[7]),
					Integer.parseInt(arguments[8]));
		}

	}

}
