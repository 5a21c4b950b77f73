package io.pgtask.store;

import java.sql.SQLException;
import java.sql.SQLRecoverableException;
import java.sql.SQLTransientConnectionException;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.postgresql.util.PSQLException;
import org.postgresql.util.ServerErrorMessage;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link Failures}.
 */
class FailuresTests {

	@ParameterizedTest
	@ValueSource(strings = { "08000", "08001", "08003", "08004", "08006", "08007" })
	void aLostConnectionIsAnOutage(String sqlState) {
		assertThat(Failures.isOutage(new SQLException("gone", sqlState))).isTrue();
	}

	@ParameterizedTest
	@ValueSource(strings = { "57P01", "57P02", "57P03", "53300", "25006", "25P03", "25P04" })
	void aServerThatShutsDownIsFullWasDemotedOrEndsTheSessionIsAnOutage(String sqlState) {
		assertThat(Failures.isOutage(new SQLException("not now", sqlState))).isTrue();
	}

	@ParameterizedTest
	@ValueSource(strings = { "53100", "53200", "58030" })
	void aServerThatRunsOutOfSomethingIsAnOutage(String sqlState) {
		assertThat(Failures.isOutage(new SQLException("not now", sqlState))).isTrue();
	}

	@Test
	void aFullQueueOfNotificationsIsAnOutageAndARowThatIsTooBigIsNone() {
		assertThat(Failures.isOutage(limitExceeded("async.c"))).isTrue();
		assertThat(Failures.isOutage(limitExceeded("hio.c"))).isFalse();
		assertThat(Failures.isOutage(new SQLException("refused", "54000"))).isFalse();
	}

	@Test
	void anExhaustedPoolIsAnOutage() {
		assertThat(Failures.isOutage(new SQLTransientConnectionException("Connection is not available"))).isTrue();
		assertThat(Failures.isOutage(new SQLRecoverableException("try a new connection", "XX000"))).isTrue();
	}

	@Test
	void aFailureWithoutAStateIsAnOutage() {
		assertThat(Failures.isOutage(new SQLException("HikariDataSource has been closed."))).isTrue();
	}

	@ParameterizedTest
	@ValueSource(strings = { "08P01", "42703", "42P01", "23514", "22021", "XX000" })
	void aFaultOfTheStatementIsNoOutage(String sqlState) {
		assertThat(Failures.isOutage(new SQLException("refused", sqlState))).isFalse();
	}

	@Test
	void whatAPoolerSaysOfItsServerIsAnOutageAndWhatTheServerSaysOfTheProtocolIsNone() {
		assertThat(Failures.isOutage(protocolViolation("Mserver conn crashed?\0"))).isTrue();
		assertThat(Failures.isOutage(protocolViolation("Minvalid message format\0Fpqformat.c\0"))).isFalse();
	}

	@ParameterizedTest
	@ValueSource(strings = { "55P03", "40P01", "40001", "57014" })
	void whatOthersCausedIsNeitherAnOutageNorAFaultOfTheStatement(String sqlState) {
		assertThat(Failures.isPassing(new SQLException("not now", sqlState))).isTrue();
		assertThat(Failures.isOutage(new SQLException("not now", sqlState))).isFalse();
	}

	@Test
	void nothingElsePasses() {
		assertThat(Failures.isPassing(new SQLException("gone", "08006"))).isFalse();
		assertThat(Failures.isPassing(new SQLException("without a state"))).isFalse();
		assertThat(Failures.isPassing(new SQLException("refused", "23514"))).isFalse();
	}

	@Test
	void aCommitIsRefusedUnlessTheConnectionBroke() {
		assertThat(Failures.isRefusedCommit(new SQLException("refused", "23514"))).isTrue();
		assertThat(Failures.isRefusedCommit(limitExceeded("async.c"))).as("a full queue of notifications").isTrue();
		assertThat(Failures.isRefusedCommit(new SQLException("gone", "08006"))).isFalse();
	}

	private static SQLException protocolViolation(String rest) {
		return new PSQLException(new ServerErrorMessage("SERROR\0C08P01\0" + rest));
	}

	private static SQLException limitExceeded(String file) {
		return new PSQLException(new ServerErrorMessage("SERROR\0C54000\0Mtoo many\0F" + file + "\0"));
	}

}
