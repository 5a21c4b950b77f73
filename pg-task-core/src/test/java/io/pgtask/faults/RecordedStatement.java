package io.pgtask.faults;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Collections;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import org.jspecify.annotations.Nullable;

/**
 * A statement of the engine that changes tasks by the right of a claim, made to return
 * more columns. A statement that is not recognised any more is not recorded, and then the
 * checker misses what it wrote.
 */
final class RecordedStatement {

	// The times of a row that the statement has locked: its own begin, and the moment,
	// which orders all writes to the row.
	private static final String COLUMNS = """
			,
			{t}step AS h_step, {token} AS h_token, {t}delivery - 1 - {t}tried AS h_lost, {t}error AS h_error, {t}id AS h_id,
			(extract(epoch FROM {t}lock_expires_at) * 1000000)::bigint AS h_lease,
			(extract(epoch FROM statement_timestamp()) * 1000000)::bigint AS h_sent,
			(extract(epoch FROM clock_timestamp()) * 1000000)::bigint AS h_at""";

	// The statement that ends tasks on request, of which the rows are selected once more.
	private static final String ENDED = "SELECT t.id, t.awaited FROM ended t";

	// Whether the lease lasts was asked by the statement before, which keeps the row
	// locked.
	private static final String ENDED_COLUMNS = """
			SELECT t.id, t.awaited, t.h_step, t.h_token, t.h_lost, t.h_error, t.h_id, 0 AS h_lease, t.h_sent, t.h_at
			FROM ended t""";

	private static final Pattern STATE = Pattern.compile("\"(\\w+)\":\\{\"name\":\"([^\"]+)\"");

	private static final int REMEMBERED = 5000;

	/** Refused writes return no row, and so no name. */
	private static final Map<String, String> NAMES = Collections.synchronizedMap(new LinkedHashMap<>() {

		private static final long serialVersionUID = 1L;

		@Override
		protected boolean removeEldestEntry(Map.Entry<String, String> eldest) {
			return size() > REMEMBERED;
		}

	});

	private final Event.Kind kind;

	private final String sql;

	private String ids = "";

	private String tokens = "";

	private final Map<String, String> missing = new LinkedHashMap<>();

	private RecordedStatement(Event.Kind kind, String sql) {
		this.kind = kind;
		this.sql = sql;
	}

	private RecordedStatement(Event.Kind kind, String sql, String alias, String token) {
		this(kind, sql.stripTrailing() + columns(alias, token));
	}

	private static String columns(String alias, String token) {
		return COLUMNS.replace("{t}", alias).replace("{token}", token);
	}

	/** Returns the statement as it is to be recorded, or null if it is not. */
	static @Nullable RecordedStatement of(String sql) {
		if (sql.contains("WITH picked AS")) {
			return new RecordedStatement(Event.Kind.CLAIM, sql, "t.", "t.locked_by");
		}
		if (sql.startsWith("INSERT INTO") && sql.contains("AS free)")) {
			return new RecordedStatement(Event.Kind.CLAIM, sql, "", "locked_by");
		}
		if (sql.contains(ENDED) && sql.contains("unnest(?::uuid[], ?::uuid[])")) {
			return cancelled(sql);
		}
		if (!sql.contains("t.lock_expires_at > ") || !sql.contains("RETURNING") || sql.contains("WITH ")) {
			return null;
		}
		if (sql.startsWith("DELETE FROM")) {
			return new RecordedStatement(Event.Kind.FINISH, sql, "t.", "t.locked_by");
		}
		Event.Kind kind = sql.contains("step = o.step, tried = 0") ? Event.Kind.ADVANCE
				: sql.contains("step = COALESCE(o.step, t.step)") ? Event.Kind.RELEASE
						: sql.contains("AS o (id, token, counted)") ? Event.Kind.GIVE_BACK : null;
		return (kind != null) ? new RecordedStatement(kind, sql, "t.", "o.token") : null;
	}

	private static RecordedStatement cancelled(String sql) {
		return new RecordedStatement(Event.Kind.FINISH,
				sql.replace("o.token", "o.token" + columns("t.", "o.token")).replace(ENDED, ENDED_COLUMNS));
	}

	String sql() {
		return this.sql;
	}

	void parameter(@Nullable Object[] arguments) {
		if (this.kind == Event.Kind.CLAIM) {
			return;
		}
		if (Integer.valueOf(1).equals(arguments[0])) {
			this.ids = String.valueOf(arguments[1]);
		}
		else if (Integer.valueOf(2).equals(arguments[0])) {
			this.tokens = String.valueOf(arguments[1]);
			expect();
		}
	}

	private void expect() {
		String[] ids = list(this.ids);
		String[] tokens = list(this.tokens);
		for (int i = 0; i < ids.length; i++) {
			this.missing.put(ids[i], tokens[Math.min(i, tokens.length - 1)]);
		}
	}

	private static String[] list(String literal) {
		return literal.replaceAll("[{}]", "").split(",");
	}

	/** Returns the row as an event, or null if it was inserted unclaimed. */
	@Nullable Event row(ResultSet row) throws SQLException {
		String id = row.getString("h_id");
		this.missing.remove(id);
		String token = row.getString("h_token");
		Matcher state = STATE.matcher(row.getString("h_step"));
		if (token == null || !state.find()) {
			return null;
		}
		String name = state.group(2);
		NAMES.put(id, name);
		String detail = (this.kind == Event.Kind.CLAIM) ? row.getString("h_lost")
				: Objects.requireNonNullElse(row.getString("h_error"), "");
		return new Event(this.kind, "", row.getLong("h_at"), name, state.group(1), token, row.getLong("h_sent"),
				row.getLong("h_lease"), detail, true);
	}

	/**
	 * Returns a row that is still there, as an event.
	 * @param lease when its lease ends, or 0
	 */
	static Event left(String text, String error, long lease) {
		Matcher state = STATE.matcher(text);
		boolean ours = state.find();
		return new Event(Event.Kind.LEFT, "", Journal.now(), ours ? state.group(2) : text, ours ? state.group(1) : "",
				"", 0, lease, error, true);
	}

	/** Returns the name of a task that this process has claimed or inserted. */
	static String name(UUID id) {
		return NAMES.getOrDefault(id.toString(), "unknown");
	}

	/** Returns the next write of which the statement has returned no row. */
	@Nullable Event refused() {
		Iterator<Map.Entry<String, String>> rest = this.missing.entrySet().iterator();
		if (!rest.hasNext()) {
			return null;
		}
		Map.Entry<String, String> next = rest.next();
		rest.remove();
		return new Event(Event.Kind.REFUSED, "", Journal.now(), NAMES.getOrDefault(next.getKey(), "unknown"), "",
				next.getValue(), 0, 0, this.kind.name(), true);
	}

}
