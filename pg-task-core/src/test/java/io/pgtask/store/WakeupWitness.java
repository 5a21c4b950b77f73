package io.pgtask.store;

import java.sql.Connection;
import java.sql.SQLException;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Sees what somebody else sees of a {@link Producer}: its rows, and its notifications.
 */
final class WakeupWitness implements AutoCloseable {

	private final Producer producer;

	private final Listener listener;

	WakeupWitness(Producer producer) throws SQLException {
		this.producer = producer;
		this.listener = new Listener(producer.database(), "pg_task_changed");
	}

	Listener listener() {
		return this.listener;
	}

	void assertWokenExactly(int times) throws SQLException {
		assertThat(this.producer.woken()).hasValue(times);
		this.producer.wakeups().close();
		if (times == 0) {
			assertThat(this.listener.received()).isEmpty();
		}
		else {
			assertThat(this.listener.received()).hasSizeBetween(1, times);
		}
	}

	int rowsSeenByOthers() {
		try (Connection other = this.producer.database().openConnection();
				var statement = other.createStatement();
				var rows = statement.executeQuery("SELECT count(*) FROM pg_task")) {
			rows.next();
			return rows.getInt(1);
		}
		catch (SQLException ex) {
			throw new IllegalStateException(ex);
		}
	}

	@Override
	public void close() throws SQLException {
		this.listener.close();
	}

}
