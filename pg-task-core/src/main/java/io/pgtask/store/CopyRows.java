package io.pgtask.store;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.temporal.ChronoUnit;
import java.util.Collection;
import java.util.UUID;

import org.jspecify.annotations.Nullable;
import org.postgresql.PGConnection;
import org.postgresql.copy.CopyIn;

/**
 * Rows on their way to the table by {@code COPY}, in PostgreSQL's binary format: the
 * server has nothing to parse, and a time is a number. They are gathered and then sent at
 * once, so that whoever makes them can use the connection meanwhile.
 */
final class CopyRows {

	private static final String COPY = """
			COPY {table} (id, step, headers, quiet, wakeup_at, priority, tags, deadline) FROM STDIN (FORMAT binary)
			""";

	/** Enough to make a round trip cheap, and little enough for any heap. */
	private static final int FULL = 1 << 20;

	private static final byte[] HEADER = { 'P', 'G', 'C', 'O', 'P', 'Y', '\n', (byte) 0xFF, '\r', '\n', 0, 0, 0, 0, 0,
			0, 0, 0, 0 };

	private static final int COLUMNS = 8;

	private static final int NULL = -1;

	private static final int TEXT_OID = 25;

	private static final byte JSONB_VERSION = 1;

	/** PostgreSQL counts from the year 2000. */
	private static final long EPOCH_SECONDS = Instant.parse("2000-01-01T00:00:00Z").getEpochSecond();

	private final Connection connection;

	private final String sql;

	private final Instant now;

	private long count;

	private ByteBuffer buffer = ByteBuffer.allocate(FULL + (FULL >> 2));

	/**
	 * Create a copy of no rows.
	 * @param now the time by the database's clock
	 */
	CopyRows(Connection connection, TaskTable table, Instant now) {
		this.connection = connection;
		this.sql = table.sql(COPY);
		this.now = now;
		this.buffer.put(HEADER);
	}

	/** Add a row, and send all if it is time. */
	void add(NewTask task) throws SQLException {
		room(2).putShort((short) COLUMNS);
		uuid(task.id());
		text(task.text());
		json(task.headers());
		room(5).putInt(1).put((byte) 1);
		timestamp(due(task));
		room(6).putInt(2).putShort((short) task.options().priority());
		array(task.options().tags());
		timestamp(deadline(task));
		if (this.buffer.position() >= FULL) {
			send();
		}
	}

	/** Send what has been gathered. */
	void send() throws SQLException {
		if (this.buffer.position() == HEADER.length) {
			return;
		}
		room(2).putShort((short) -1);
		CopyIn copy = this.connection.unwrap(PGConnection.class).getCopyAPI().copyIn(this.sql);
		try {
			copy.writeToCopy(this.buffer.array(), 0, this.buffer.position());
			copy.endCopy();
		}
		finally {
			if (copy.isActive()) {
				copy.cancelCopy();
			}
		}
		this.buffer.clear();
		this.buffer.put(HEADER);
	}

	/**
	 * A microsecond after the task before: claims go on from the latest due time, and
	 * would walk over all tasks that share it. Sending a row takes longer than that.
	 */
	private Instant due(NewTask task) {
		OffsetDateTime dueAt = task.dueAt();
		return (dueAt == null) ? after(task.delayMicroseconds() + this.count++)
				: dueAt.toInstant().isBefore(this.now) ? this.now : dueAt.toInstant();
	}

	private @Nullable Instant deadline(NewTask task) {
		OffsetDateTime startBy = task.startBy();
		Long within = task.startWithinMicroseconds();
		return (startBy != null) ? startBy.toInstant() : (within != null) ? after(within) : null;
	}

	private Instant after(long microseconds) {
		return this.now.plus(microseconds, ChronoUnit.MICROS);
	}

	private void uuid(UUID id) {
		room(20).putInt(16).putLong(id.getMostSignificantBits()).putLong(id.getLeastSignificantBits());
	}

	private void text(String text) {
		bytes(text.getBytes(StandardCharsets.UTF_8));
	}

	private void bytes(byte[] bytes) {
		room(4 + bytes.length).putInt(bytes.length).put(bytes);
	}

	private void json(@Nullable String json) {
		if (json == null) {
			room(4).putInt(NULL);
			return;
		}
		byte[] bytes = json.getBytes(StandardCharsets.UTF_8);
		room(5 + bytes.length).putInt(1 + bytes.length).put(JSONB_VERSION).put(bytes);
	}

	private void timestamp(@Nullable Instant instant) {
		if (instant == null) {
			room(4).putInt(NULL);
			return;
		}
		room(12).putInt(8).putLong((instant.getEpochSecond() - EPOCH_SECONDS) * 1_000_000 + instant.getNano() / 1000);
	}

	private void array(Collection<String> texts) {
		if (texts.isEmpty()) {
			room(4).putInt(NULL);
			return;
		}
		int start = room(24).position();
		this.buffer.putInt(0).putInt(1).putInt(0).putInt(TEXT_OID).putInt(texts.size()).putInt(1);
		texts.forEach(this::text);
		this.buffer.putInt(start, this.buffer.position() - start - 4);
	}

	private ByteBuffer room(int bytes) {
		if (this.buffer.remaining() < bytes) {
			ByteBuffer larger = ByteBuffer
				.allocate(Math.max(2 * this.buffer.capacity(), this.buffer.position() + bytes));
			this.buffer = larger.put(this.buffer.flip());
		}
		return this.buffer;
	}

}
