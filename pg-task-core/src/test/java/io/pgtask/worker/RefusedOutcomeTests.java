package io.pgtask.worker;

import java.sql.SQLException;
import java.time.Duration;
import java.util.Map;
import java.util.UUID;

import io.pgtask.test.TaskTableTest;
import io.pgtask.test.TestDatabase;
import io.pgtask.worker.WorkerHarness.Row;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * Tests for {@link TransitionWriter}: outcomes that the database refuses.
 */
@TaskTableTest
class RefusedOutcomeTests {

	private static final String MIDDLE = "{\"Journey\":{\"Middle\":{\"name\":\"on\"}}}";

	private static final String FORBIDDEN = "{\"Journey\":{\"Middle\":{\"name\":\"forbidden\"}}}";

	private final WorkerHarness harness;

	private final LockingSession session;

	private WriterHarness writer;

	RefusedOutcomeTests(TestDatabase database) throws SQLException {
		this.harness = new WorkerHarness(database);
		this.writer = new WriterHarness(database.dataSource(), Duration.ofSeconds(30));
		this.session = new LockingSession(database);
	}

	@AfterEach
	void stop() throws Exception {
		this.writer.close();
		this.session.close();
		this.harness.jdbc().sql("DROP FUNCTION IF EXISTS refuse CASCADE").update();
		this.harness.jdbc().sql("ALTER TABLE pg_task DROP CONSTRAINT IF EXISTS no_forbidden_steps").update();
	}

	@Test
	void anOutcomeThatATriggerRefusesParksItsTaskAlone() throws Exception {
		refuseToDelete("bad");
		UUID bad = this.harness.insert("Start", "bad");
		this.harness.insert("Start", "a");
		this.harness.insert("Start", "b");
		this.writer.claimAll();
		this.writer.done("a");
		this.writer.done("bad");
		this.writer.done("b");
		this.writer.start();
		await().until(this.writer::isSettled);
		Row row = this.harness.row(bad);
		assertThat(row.error()).startsWith("can't save the outcome of the step: ")
			.contains("ERROR: the warehouse says no");
		assertThat(row.tried()).isEqualTo(1);
		assertThat(row.lockedBy()).isNull();
		assertThat(row.parked()).isTrue();
		assertThat(this.harness.count()).isEqualTo(1);
		assertThat(this.writer.counter().outcomes()).isEqualTo(Map.of(StepOutcome.DONE, 2, StepOutcome.ERRORED, 1));
	}

	@Test
	void anOutcomeThatAConstraintRefusesParksItsTaskAlone() throws Exception {
		refuseForbiddenSteps();
		UUID bad = this.harness.insert("Start", "bad");
		this.harness.insert("Start", "a");
		this.writer.claimAll();
		this.writer.now("bad", FORBIDDEN);
		this.writer.now("a", MIDDLE);
		this.writer.start();
		await().until(this.writer::isSettled);
		assertThat(this.harness.row(bad).error()).startsWith("can't save the outcome of the step: ")
			.contains("violates check constraint \"no_forbidden_steps\"");
		assertThat(this.harness.row(bad).step()).isEqualTo("{\"Journey\":{\"Start\":{\"name\":\"bad\"}}}");
		assertThat(this.writer.next()).containsExactly(MIDDLE);
	}

	@Test
	void aTaskThatCannotEvenBeParkedIsLeftToItsLeaseAndCostsNoOther() throws Exception {
		this.harness.jdbc().sql("""
				CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$
				BEGIN
					RAISE EXCEPTION 'never change';
				END $$
				""").update();
		UUID bad = this.harness.insert("Start", "bad");
		this.harness.insert("Start", "a");
		this.writer.claimAll();
		this.harness.jdbc().sql("""
				CREATE TRIGGER refuse BEFORE UPDATE OR DELETE ON pg_task FOR EACH ROW
				WHEN (OLD.step LIKE '%bad%') EXECUTE FUNCTION refuse()
				""").update();
		this.writer.done("bad");
		this.writer.done("a");
		this.writer.start();
		await().until(this.writer::isSettled);
		assertThat(this.harness.row(bad).error()).isNull();
		assertThat(this.harness.row(bad).leased()).isTrue();
		assertThat(this.harness.count()).isEqualTo(1);
		assertThat(this.writer.holdings().isEmpty()).isTrue();
		assertThat(this.writer.counter().outcomes()).isEqualTo(Map.of(StepOutcome.DONE, 1, StepOutcome.LOST, 1));
	}

	@Test
	void aRefusedOutcomeIsParkedAlthoughAnotherRowOfItsBatchStaysLocked() throws Exception {
		refuseForbiddenSteps();
		UUID locked = this.harness.insert("Start", "locked");
		UUID bad = this.harness.insert("Start", "bad");
		this.harness.insert("Start", "a");
		this.writer.claimAll();
		this.session.lock(locked);
		this.writer.done("locked");
		this.writer.now("bad", FORBIDDEN);
		this.writer.done("a");
		this.writer.start();
		await().until(() -> this.harness.isParked(bad));
		await().until(() -> this.harness.count() == 2);
		assertThat(this.writer.isSettled()).isFalse();
		this.session.commit();
		await().until(() -> this.harness.isGone(locked));
	}

	private void refuseToDelete(String name) {
		this.harness.jdbc().sql("""
				CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$
				BEGIN
					RAISE EXCEPTION 'the warehouse says no';
				END $$
				""").update();
		this.harness.jdbc().sql("""
				CREATE TRIGGER refuse BEFORE DELETE ON pg_task FOR EACH ROW
				WHEN (OLD.step LIKE '%{name}%') EXECUTE FUNCTION refuse()
				""".replace("{name}", name)).update();
	}

	private void refuseForbiddenSteps() {
		this.harness.jdbc()
			.sql("ALTER TABLE pg_task ADD CONSTRAINT no_forbidden_steps CHECK (step NOT LIKE '%forbidden%')")
			.update();
	}

}
