package io.pgtask.benchmark.contender;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.UUID;

import org.postgresql.PGConnection;
import org.postgresql.copy.CopyIn;

/**
 * A bare {@code COPY} of the rows that enqueueing many tasks makes: one command, in
 * PostgreSQL's binary format, which sends while it makes rows and returns nothing.
 */
final class FloorCopy {

	private static final int BUFFER = 64 * 1024;

	private static final int LARGEST_ROW = 512;

	private static final byte[] HEADER = { 'P', 'G', 'C', 'O', 'P', 'Y', '\n', (byte) 0xFF, '\r', '\n', 0, 0, 0, 0, 0,
			0, 0, 0, 0 };

	private static final int NULL = -1;

	private static final short DEFAULT_PRIORITY = 4;

	private final Connection connection;

	private final String[] around;

	private final ByteBuffer buffer = ByteBuffer.allocate(BUFFER);

	FloorCopy(Connection connection, Workload workload) {
		this.connection = connection;
		this.around = PgTaskTable.text(workload, 0).split("0(?=}}})", -1);
	}

	void run(int tasks) throws SQLException {
		long due = microsecondsSince2000();
		CopyIn copy = this.connection.unwrap(PGConnection.class).getCopyAPI().copyIn(FloorStatements.COPY);
		this.buffer.put(HEADER);
		for (int number = 0; number < tasks; number++) {
			if (this.buffer.remaining() < LARGEST_ROW) {
				send(copy);
			}
			put(number, due);
		}
		this.buffer.putShort((short) -1);
		send(copy);
		copy.endCopy();
	}

	private void put(int number, long due) {
		UUID id = FloorEnqueuer.id();
		byte[] text = String.join(String.valueOf(number), this.around).getBytes(StandardCharsets.UTF_8);
		this.buffer.putShort((short) 8)
			.putInt(16)
			.putLong(id.getMostSignificantBits())
			.putLong(id.getLeastSignificantBits())
			.putInt(text.length)
			.put(text)
			.putInt(NULL)
			.putInt(1)
			.put((byte) 1)
			.putInt(8)
			.putLong(due)
			.putInt(2)
			.putShort(DEFAULT_PRIORITY)
			.putInt(NULL)
			.putInt(NULL);
	}

	private void send(CopyIn copy) throws SQLException {
		copy.writeToCopy(this.buffer.array(), 0, this.buffer.position());
		this.buffer.clear();
	}

	private static long microsecondsSince2000() {
		return (System.currentTimeMillis() - 946_684_800_000L) * 1000;
	}

}
