package io.pgtask.benchmark;

import java.sql.SQLException;
import java.util.List;
import java.util.Map;

import org.jspecify.annotations.Nullable;

/**
 * Measures a run: {@link #before} while nobody is connected, {@link #begin} and
 * {@link #end} around what counts, {@link #after} when nobody is connected any more.
 */
final class Meter {

	private static final double NANOS_PER_SECOND = 1e9;

	private static final double MICROS_PER_SECOND = 1e6;

	private final ServerMeter server;

	private final Database database;

	private final List<NodeProcess> nodes;

	private ServerMeter.@Nullable Counters before;

	private @Nullable Moment begin;

	private @Nullable Moment end;

	Meter(ServerMeter server, Database database, List<NodeProcess> nodes) {
		this.server = server;
		this.database = database;
		this.nodes = nodes;
	}

	void before() throws SQLException, InterruptedException {
		this.before = this.server.counters(this.database);
	}

	void begin() throws SQLException {
		this.begin = moment();
	}

	void end() throws SQLException {
		this.end = moment();
	}

	/**
	 * Sum up.
	 * @param tasks how many tasks there were
	 * @param executed how many ends they came to
	 * @param latency how long they waited
	 * @param ownCommits how many transactions were the benchmark's own
	 */
	Measurement after(int tasks, long executed, @Nullable Latency latency, long ownCommits)
			throws SQLException, InterruptedException {
		ServerMeter.Counters after = this.server.counters(this.database);
		ServerMeter.Counters before = this.before;
		Moment begin = this.begin;
		Moment end = this.end;
		if (before == null || begin == null || end == null) {
			throw new IllegalStateException("Nothing was measured");
		}
		return new Measurement(tasks, tasks * NANOS_PER_SECOND / (end.nanos() - begin.nanos()), latency,
				(double) (end.walPosition() - begin.walPosition()) / tasks,
				(double) (after.fullPageImages() - before.fullPageImages()) / tasks,
				(double) (after.commits() - before.commits() - ownCommits) / tasks,
				perTask(toDouble(before.statements()), toDouble(after.statements()), tasks, 1),
				perTask(begin.jvmSeconds(), end.jvmSeconds(), tasks, MICROS_PER_SECOND),
				perTask(begin.serverSeconds(), end.serverSeconds(), tasks, MICROS_PER_SECOND), executed - tasks,
				Map.of());
	}

	private static @Nullable Double toDouble(@Nullable Long number) {
		return (number != null) ? number.doubleValue() : null;
	}

	private static @Nullable Double perTask(@Nullable Double before, @Nullable Double after, int tasks, double unit) {
		return (before != null && after != null) ? unit * (after - before) / tasks : null;
	}

	private Moment moment() throws SQLException {
		return new Moment(System.nanoTime(), this.server.walPosition(), jvmSeconds(), this.server.cpuSeconds());
	}

	private @Nullable Double jvmSeconds() {
		double sum = 0;
		for (NodeProcess node : this.nodes) {
			Double seconds = ProcessTimes.ofProcess(node.pid());
			if (seconds == null) {
				return null;
			}
			sum += seconds;
		}
		return sum;
	}

	private record Moment(long nanos, long walPosition, @Nullable Double jvmSeconds, @Nullable Double serverSeconds) {
	}

}
