package io.pgtask.store;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.UUID;

import io.pgtask.HousekeepingReport;
import io.pgtask.test.PostgresTest;
import io.pgtask.test.TestDatabase;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link JdbcTaskHousekeeping}: partitions of past and future days.
 */
@PostgresTest
@Timeout(120)
class HistoryPartitionTests {

	private final House house;

	private final TaskRows rows;

	private final JdbcTaskHousekeeping housekeeping;

	HistoryPartitionTests(TestDatabase database) {
		this.house = new House(database);
		this.rows = this.house.rows();
		this.housekeeping = this.house.housekeeping();
	}

	@BeforeEach
	void emptyTables() {
		this.house.emptyTables();
	}

	@Test
	void partitionsAreMadeForTodayAndTheDaysAheadAndThenNoMore() {
		HousekeepingReport report = this.housekeeping.run();
		assertThat(report.performed()).isTrue();
		assertThat(report.created())
			.containsExactly(this.house.partition(0), this.house.partition(1), this.house.partition(2),
					this.house.partition(3))
			.isEqualTo(this.rows.strings(House.PARTITIONS));
		assertThat(this.housekeeping.run()).isEqualTo(HousekeepingReport.NOTHING);
		this.rows.execute("DROP TABLE " + this.house.partition(2));
		assertThat(this.housekeeping.createPartitions().created()).containsExactly(this.house.partition(2));
	}

	@Test
	void aRecordGoesToThePartitionOfItsDayInUtcWhateverTheZoneOfTheSession() {
		this.housekeeping.run();
		this.house.record(House.DAY.formatted(1));
		this.house.record(House.DAY.formatted(1) + " - interval '1 microsecond'");
		this.house.record(House.DAY.formatted(2) + " - interval '1 microsecond'");
		assertThat(this.house.count(this.house.partition(0))).isEqualTo(1);
		assertThat(this.house.count(this.house.partition(1))).isEqualTo(2);
		assertThat(this.house.count("pg_task_history_default")).isZero();
	}

	@Test
	void aTaskEndsAlsoOnADayForWhichNobodyHasMadeAPartition() throws SQLException {
		UUID token = UUID.randomUUID();
		UUID id = this.rows.insertLeased(token, Duration.ofMinutes(1));
		this.rows.callInTransaction((connection) -> new TransitionStatements(House.TABLE).save(connection,
				List.of(new Transition.Finish(id, token)), (cancelled) -> {
				}));
		assertThat(new JdbcTaskHistory(this.house.database().dataSource(), House.TABLE).find(id)).isPresent();
		assertThat(this.house.count("pg_task_history_default")).isEqualTo(1);
		assertThat(this.housekeeping.run().created()).as("today's records stay together")
			.containsExactly(this.house.partition(1), this.house.partition(2), this.house.partition(3));
		assertThat(this.housekeeping.run()).isEqualTo(HousekeepingReport.NOTHING);
	}

	@Test
	void aPartitionIsDroppedWhenItsLastRecordIsOlderThanTheRetention() {
		for (int day = -16; day <= -12; day++) {
			this.house.partitionOf(day);
			this.house.record(House.DAY.formatted(day));
			this.house.record(House.DAY.formatted(day + 1) + " - interval '1 microsecond'");
		}
		HousekeepingReport report = this.housekeeping.pruneHistory();
		assertThat(report.dropped()).containsExactly(this.house.partition(-16), this.house.partition(-15));
		assertThat(this.rows.strings(House.PARTITIONS)).containsExactly(this.house.partition(-14),
				this.house.partition(-13), this.house.partition(-12));
		assertThat(this.housekeeping.pruneHistory().dropped()).isEmpty();
	}

	@Test
	void recordsWithoutAPartitionOfTheirOwnAreDeletedWhenTheyAreOld() {
		this.house.record("now() - interval '14 days 1 minute'");
		this.house.record("now() - interval '13 days 23 hours'");
		this.house.record("now()");
		assertThat(this.housekeeping.run().deleted()).isEqualTo(1);
		assertThat(this.house.count("pg_task_history_default")).isEqualTo(2);
		assertThat(this.housekeeping.run()).isEqualTo(HousekeepingReport.NOTHING);
	}

	@Test
	void partitionsOfOthersAreLeftAlone() {
		this.rows.execute("CREATE TABLE pg_task_history_archive PARTITION OF pg_task_history FOR VALUES FROM"
				+ " ('2001-01-01 00:00:00+00') TO ('2002-01-01 00:00:00+00')");
		try {
			this.house.record("'2001-02-03'::timestamptz");
			assertThat(this.housekeeping.run().dropped()).isEmpty();
			assertThat(this.house.count("pg_task_history_archive")).isEqualTo(1);
		}
		finally {
			this.rows.execute("DROP TABLE pg_task_history_archive");
		}
	}

	@Test
	void whoeverReadsTheHistoryHoldsUpNobody() throws Exception {
		this.housekeeping.run();
		this.house.partitionOf(-20);
		try (Connection reader = this.house.database().openConnection(); Statement reading = reader.createStatement()) {
			reader.setAutoCommit(false);
			reading.execute("SELECT count(*) FROM pg_task_history");
			HousekeepingReport report = this.housekeeping.run();
			assertThat(report.dropped()).isEmpty();
			assertThat(report.hindered()).containsExactly(this.house.partition(-20));
			UUID token = UUID.randomUUID();
			UUID id = this.rows.insertLeased(token, Duration.ofMinutes(1));
			this.rows.callInTransaction((connection) -> new TransitionStatements(House.TABLE).save(connection,
					List.of(new Transition.Finish(id, token)), (cancelled) -> {
					}));
			assertThat(this.rows.ids()).isEmpty();
			reader.rollback();
		}
		assertThat(this.housekeeping.run().dropped()).containsExactly(this.house.partition(-20));
	}

}
