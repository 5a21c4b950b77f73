package io.pgtask.store;

import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.Set;

import io.pgtask.test.PostgresTest;
import io.pgtask.test.TaskSchema;
import io.pgtask.test.TestDatabase;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.postgresql.PGConnection;
import org.postgresql.PGNotification;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * Tests for {@link PresenceStatements}.
 */
@PostgresTest
class PresenceStatementsTests {

	private static final int KEY = 0x80000001;

	private static final int OTHER_KEY = 7;

	private final TestDatabase database;

	private final PresenceStatements statements = new PresenceStatements(TaskTable.inSearchPath());

	PresenceStatementsTests(TestDatabase database) {
		this.database = database;
	}

	@BeforeAll
	static void createTable(TestDatabase database) {
		TaskSchema.create(database.dataSource());
	}

	@Test
	void aWorkerIsPresentUntilItsSessionEnds() throws SQLException {
		try (Connection worker = this.database.openConnection()) {
			assertThat(this.statements.announce(worker, KEY)).isEqualTo(tableId());
			assertThat(present()).containsExactly(KEY);
		}
		awaitNobody();
	}

	@Test
	void aWorkerMayBeAnnouncedByTwoSessionsAndIsPresentAsLongAsOneOfThemLives() throws SQLException {
		try (Connection first = this.database.openConnection()) {
			assertThat(this.statements.announce(first, KEY)).isNotNull();
			try (Connection second = this.database.openConnection()) {
				assertThat(this.statements.announce(second, KEY)).isNotNull();
				this.statements.withdraw(first, KEY);
				assertThat(present()).containsExactly(KEY);
			}
		}
		awaitNobody();
	}

	@Test
	void aWorkerThatIsWithdrawnIsGoneAlthoughItsSessionGoesOn() throws SQLException {
		try (Connection worker = this.database.openConnection()) {
			this.statements.announce(worker, KEY);
			this.statements.announce(worker, OTHER_KEY);
			this.statements.withdraw(worker, KEY);
			assertThat(present()).containsExactly(OTHER_KEY);
		}
		awaitNobody();
	}

	@Test
	void locksOfOtherProgramsAndDatabasesAreNobody() throws SQLException {
		try (Connection other = this.database.openConnection();
				Connection elsewhere = openConnectionElsewhere();
				var statement = other.createStatement()) {
			statement.execute("SELECT pg_advisory_lock_shared(1), pg_advisory_lock_shared(1885822832), "
					+ "pg_advisory_lock_shared(3, 4), pg_advisory_lock_shared((1885822832::bigint << 32) | 9)");
			this.statements.announce(elsewhere, KEY);
			assertThat(present()).isEmpty();
		}
	}

	@Test
	void whoeverLooksIsHeard() throws SQLException {
		try (Connection listener = this.database.openConnection(); var statement = listener.createStatement()) {
			statement.execute("LISTEN " + PresenceStatements.CHANNEL);
			present();
			PGNotification[] heard = listener.unwrap(PGConnection.class).getNotifications(10_000);
			assertThat(heard).singleElement().extracting(PGNotification::getParameter).isEqualTo("me");
		}
	}

	@Test
	void aProxyThatGivesOutProcessIdsOfItsOwnIsNoSession() throws SQLException {
		try (Connection worker = this.database.openConnection()) {
			assertThat(this.statements.announce(proxied(worker), KEY)).isNull();
			assertThat(present()).isEmpty();
		}
	}

	private Connection openConnectionElsewhere() throws SQLException {
		String url = this.database.url().replace("/" + this.database.name(), "/postgres");
		return DriverManager.getConnection(url, this.database.username(), this.database.password());
	}

	private static Connection proxied(Connection target) {
		PGConnection session = (PGConnection) Proxy.newProxyInstance(PGConnection.class.getClassLoader(),
				new Class<?>[] { PGConnection.class }, (proxy, method, arguments) -> 12345);
		return (Connection) Proxy.newProxyInstance(PGConnection.class.getClassLoader(),
				new Class<?>[] { Connection.class }, (proxy, method, arguments) -> method.getName().equals("unwrap")
						? session : method.invoke(target, arguments));
	}

	private Set<Integer> present() throws SQLException {
		try (Connection connection = this.database.dataSource().getConnection()) {
			return this.statements.tellAndLook(connection, "me");
		}
	}

	private void awaitNobody() {
		await().until(() -> present().isEmpty());
	}

	private long tableId() throws SQLException {
		try (Connection connection = this.database.dataSource().getConnection();
				var statement = connection.createStatement();
				var row = statement.executeQuery("SELECT 'pg_task'::regclass::oid::bigint")) {
			row.next();
			return row.getLong(1);
		}
	}

}
