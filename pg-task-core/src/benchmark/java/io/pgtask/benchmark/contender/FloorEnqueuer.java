package io.pgtask.benchmark.contender;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.UUID;
import java.util.concurrent.ThreadLocalRandom;

/**
 * Inserts bare rows, each in a transaction of its own, on a connection that it keeps.
 */
final class FloorEnqueuer implements Engine.Enqueuer {

	private static final int MILLIS_OFFSET = 16;

	private static final long VERSION_7 = 0x7000L;

	private static final long RANDOM_A = 0x0FFFL;

	private static final long VARIANT = 0x8000_0000_0000_0000L;

	private static final long RANDOM_B = 0x3FFF_FFFF_FFFF_FFFFL;

	private final Connection connection;

	private final PreparedStatement insert;

	private final String[] around;

	FloorEnqueuer(Connection connection, Workload workload) throws SQLException {
		this.connection = connection;
		this.insert = connection.prepareStatement(FloorStatements.INSERT);
		this.around = PgTaskTable.text(workload, 0).split("0(?=}}})", -1);
	}

	@Override
	public void enqueue(int number) throws SQLException {
		this.insert.setObject(1, id());
		this.insert.setString(2, String.join(String.valueOf(number), this.around));
		this.insert.executeUpdate();
	}

	static UUID id() {
		ThreadLocalRandom random = ThreadLocalRandom.current();
		return new UUID(System.currentTimeMillis() << MILLIS_OFFSET | VERSION_7 | (random.nextLong() & RANDOM_A),
				VARIANT | (random.nextLong() & RANDOM_B));
	}

	@Override
	public void close() throws SQLException {
		try (this.connection; this.insert) {
			// Nothing else.
		}
	}

}
