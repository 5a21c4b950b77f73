package io.pgtask.benchmark;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.UUID;

import io.pgtask.store.ClaimStatement;
import io.pgtask.store.ClaimedTask;
import io.pgtask.store.Probe;
import io.pgtask.store.TaskTable;
import org.jspecify.annotations.Nullable;

/**
 * What claims have cost.
 *
 * @param time how long they took
 * @param buffers how many pages of the table and its indexes each has looked at, if that
 * is counted
 */
record ClaimCosts(Latency time, @Nullable Double buffers) {

	/**
	 * Claims as the engine does when nothing else happens: the next batch from where the
	 * last one began. What is claimed is deleted, out of the measured time.
	 */
	static final class Meter {

		private static final String TYPE = "Type0";

		private static final int PRIORITY = 4;

		private static final String DELETE = "DELETE FROM pg_task WHERE id = ANY (?)";

		private static final String MARK = "SKIP LOCKED";

		private final ClaimStatement statement = new ClaimStatement(TaskTable.inSearchPath());

		private final Contestant contestant;

		Meter(Contestant contestant) {
			this.contestant = contestant;
		}

		ClaimCosts claim(int claims, int batch) throws SQLException {
			Statistics before = statistics();
			long[] sent = new long[claims];
			long[] answered = new long[claims];
			try (Connection connection = this.contestant.database().unpooled().getConnection();
					PreparedStatement delete = connection.prepareStatement(DELETE)) {
				Instant floor = Instant.MIN;
				for (int i = 0; i < claims; i++) {
					sent[i] = System.nanoTime();
					List<ClaimedTask> tasks = claim(connection, batch, floor);
					answered[i] = System.nanoTime();
					if (tasks.size() != batch) {
						throw new IllegalStateException("A claim found only " + tasks.size() + " tasks");
					}
					floor = tasks.stream().map(ClaimedTask::wakeupAt).min(Comparator.naturalOrder()).orElseThrow();
					delete.setArray(1, connection.createArrayOf("uuid", tasks.stream().map(ClaimedTask::id).toArray()));
					delete.executeUpdate();
				}
			}
			Statistics after = statistics();
			long calls = after.calls() - before.calls();
			return new ClaimCosts(Latency.between(sent, answered),
					(calls > 0) ? (double) (after.buffers() - before.buffers()) / calls : null);
		}

		private List<ClaimedTask> claim(Connection connection, int batch, Instant floor) throws SQLException {
			return this.statement.claim(connection, List.of(new Probe(TYPE, PRIORITY, batch, floor)), UUID.randomUUID(),
					Duration.ofMinutes(1));
		}

		private Statistics statistics() throws SQLException {
			long calls = 0;
			long buffers = 0;
			for (ServerMeter.StatementCost statement : this.contestant.expensiveStatements()) {
				if (statement.query().contains(MARK)) {
					calls += statement.calls();
					buffers += statement.buffers();
				}
			}
			return new Statistics(calls, buffers);
		}

		private record Statistics(long calls, long buffers) {
		}

	}

}
