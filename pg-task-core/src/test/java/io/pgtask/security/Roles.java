package io.pgtask.security;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import io.pgtask.test.TaskSchema;
import io.pgtask.test.TestDatabase;
import org.jspecify.annotations.Nullable;

/**
 * The roles of the guide, made and granted by its statements. Roles are those of a whole
 * server, so that these get names of their own.
 */
final class Roles implements AutoCloseable {

	private static final Pattern ROLE = Pattern.compile("\\btasks_(owner|worker|producer|reader)\\b");

	private final TestDatabase database;

	private final List<HikariDataSource> pools = new ArrayList<>();

	private Roles(TestDatabase database) {
		this.database = database;
	}

	/** Makes the roles and, as the owner, the schema. */
	static Roles create(TestDatabase database, boolean sharedWithRust) throws SQLException {
		Roles roles = new Roles(database);
		roles.executeAsAdministrator(SecurityGuide.ADMINISTRATOR.sql());
		try (Connection connection = roles.connect("owner"); Statement statement = connection.createStatement()) {
			statement.execute("SET search_path TO tasks");
			for (String file : TaskSchema.files(sharedWithRust)) {
				statement.execute(TaskSchema.script(file));
			}
		}
		return roles;
	}

	/** Runs grants of the guide as the owner. */
	void grant(SecurityGuide grants) throws SQLException {
		execute("owner", grants.sql());
	}

	String name(String role) {
		return "tasks_" + role + "_" + this.database.name();
	}

	/** Returns a pool of connections of a role. */
	HikariDataSource pool(String role) {
		HikariConfig config = new HikariConfig();
		config.setJdbcUrl(this.database.url());
		config.setUsername(name(role));
		config.setPassword(this.database.password());
		config.setMaximumPoolSize(12);
		config.setMinimumIdle(0);
		HikariDataSource pool = new HikariDataSource(config);
		this.pools.add(pool);
		return pool;
	}

	/** Runs statements as a role, which may be the guide's. */
	void execute(String role, String sql) throws SQLException {
		try (Connection connection = connect(role); Statement statement = connection.createStatement()) {
			statement.execute(renamed(sql));
		}
	}

	void executeAsAdministrator(String sql) throws SQLException {
		try (Connection connection = this.database.openConnection();
				Statement statement = connection.createStatement()) {
			statement.execute(renamed(sql));
		}
	}

	/** Returns the first column of a query of the administrator. */
	List<String> strings(String sql) throws SQLException {
		try (Connection connection = this.database.openConnection();
				Statement statement = connection.createStatement();
				ResultSet rows = statement.executeQuery(renamed(sql))) {
			List<String> strings = new ArrayList<>();
			while (rows.next()) {
				strings.add(rows.getString(1));
			}
			return strings;
		}
	}

	/** Returns how the server refuses a statement of a role, or nothing. */
	@Nullable String refusal(String role, String sql) throws SQLException {
		try (Connection connection = connect(role); Statement statement = connection.createStatement()) {
			connection.setAutoCommit(false);
			statement.execute(renamed(sql));
			connection.rollback();
			return null;
		}
		catch (SQLException ex) {
			return ex.getSQLState();
		}
	}

	private Connection connect(String role) throws SQLException {
		return DriverManager.getConnection(this.database.url(), name(role), this.database.password());
	}

	private String renamed(String sql) {
		return ROLE.matcher(sql).replaceAll((match) -> name(match.group(1)));
	}

	@Override
	public void close() throws SQLException {
		this.pools.forEach(HikariDataSource::close);
		executeAsAdministrator("""
				DROP SCHEMA tasks CASCADE;
				DROP OWNED BY tasks_owner, tasks_worker, tasks_producer, tasks_reader;
				DROP ROLE tasks_owner, tasks_worker, tasks_producer, tasks_reader""");
	}

}
