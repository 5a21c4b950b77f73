package io.pgtask.benchmark.contender;

import java.sql.Array;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.sql.Types;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;

import io.pgtask.benchmark.contender.States.Journey;

/**
 * The life cycle of the tasks on one connection of the floor.
 */
final class FloorCycle implements AutoCloseable {

	private static final String ANY_TIME = "-infinity";

	private final Connection connection;

	private final PreparedStatement claim;

	private final PreparedStatement advance;

	private final PreparedStatement finish;

	private final int steps;

	private final String[] types;

	/** The first due time of the latest batch of each type: what is older is gone. */
	private final Map<String, String> earliest = new HashMap<>();

	private int type;

	FloorCycle(Connection connection, Workload workload, int firstType) throws SQLException {
		this.connection = connection;
		execute(FloorStatements.SESSION);
		this.claim = connection.prepareStatement(FloorStatements.CLAIM);
		this.advance = connection.prepareStatement(FloorStatements.ADVANCE);
		this.finish = connection.prepareStatement(FloorStatements.FINISH);
		this.steps = workload.steps();
		this.types = types(workload);
		this.type = firstType;
	}

	private void execute(String sql) throws SQLException {
		try (Statement statement = this.connection.createStatement()) {
			statement.execute(sql);
		}
	}

	private static String[] types(Workload workload) {
		if (workload.steps() > 1) {
			return new String[] { Journey.class.getSimpleName() };
		}
		return States.SINGLES.stream()
			.limit(workload.types())
			.map((state) -> state.apply(0).getClass().getSimpleName())
			.toArray(String[]::new);
	}

	/**
	 * Claim a batch of the next type that has tasks, and bring it to its end.
	 * @param batch how many tasks to claim at most
	 * @return how many tasks have ended
	 * @throws SQLException if the database refuses
	 */
	int run(int batch) throws SQLException {
		for (int i = 0; i < this.types.length; i++) {
			this.type = (this.type + 1) % this.types.length;
			int finished = run(this.types[this.type], batch);
			if (finished > 0) {
				return finished;
			}
		}
		return 0;
	}

	private int run(String taskType, int batch) throws SQLException {
		UUID token = UUID.randomUUID();
		List<UUID> ids = new ArrayList<>();
		List<String> texts = new ArrayList<>();
		claim(taskType, batch, token, ids, texts);
		if (ids.isEmpty()) {
			return 0;
		}
		Array claimed = this.connection.createArrayOf("uuid", ids.toArray());
		for (int step = 1; step < this.steps; step++) {
			advance(claimed, step, texts, token);
		}
		this.finish.setArray(1, claimed);
		this.finish.setObject(2, token);
		return count(this.finish);
	}

	private void claim(String taskType, int batch, UUID token, List<UUID> ids, List<String> texts) throws SQLException {
		this.claim.setString(1, taskType);
		this.claim.setObject(2, this.earliest.getOrDefault(taskType, ANY_TIME), Types.OTHER);
		this.claim.setInt(3, batch);
		this.claim.setObject(4, token);
		String first = null;
		try (ResultSet rows = this.claim.executeQuery()) {
			while (rows.next()) {
				ids.add(rows.getObject(1, UUID.class));
				texts.add(rows.getString(2));
				String due = rows.getString(3);
				first = (first == null || due.compareTo(first) < 0) ? due : first;
			}
		}
		this.earliest.put(taskType, (first != null) ? first : ANY_TIME);
	}

	private void advance(Array claimed, int step, List<String> texts, UUID token) throws SQLException {
		String from = (step == 1) ? Journey.First.class.getSimpleName() : Journey.Second.class.getSimpleName();
		String to = (step == 1) ? Journey.Second.class.getSimpleName() : Journey.Third.class.getSimpleName();
		texts.replaceAll((text) -> text.replace(from, to));
		this.advance.setArray(1, claimed);
		this.advance.setArray(2, this.connection.createArrayOf("text", texts.toArray()));
		this.advance.setArray(3, claimed);
		this.advance.setObject(4, token);
		count(this.advance);
	}

	private static int count(PreparedStatement statement) throws SQLException {
		int count = 0;
		try (ResultSet rows = statement.executeQuery()) {
			while (rows.next()) {
				count++;
			}
		}
		return count;
	}

	@Override
	public void close() throws SQLException {
		try (this.claim; this.advance; this.finish) {
			// Nothing else.
		}
	}

}
