package io.pgtask.worker;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.UUID;

import io.pgtask.store.ClaimedTask;
import io.pgtask.store.DirectOffer;
import io.pgtask.store.DirectRow;
import io.pgtask.test.ForkedJvm;
import io.pgtask.test.TaskTableTest;
import io.pgtask.test.TestDatabase;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * Tests for {@link Worker}: tasks whose process dies before it has started them.
 */
@TaskTableTest
@Timeout(120)
class DeadProducerTests {

	/**
	 * The offer of a process that is not there any more when the row is committed.
	 */
	private static final class DeadOffer implements DirectOffer {

		static final UUID TOKEN = UUID.fromString("00000000-0000-0000-0000-00000000dead");

		@Override
		public UUID token() {
			return TOKEN;
		}

		@Override
		public Duration lease() {
			return Duration.ofSeconds(1);
		}

		@Override
		public void committed(DirectRow row, ClaimedTask task) {
			// Nobody is there to hear of it.
		}

		@Override
		public void unconfirmed(DirectRow row, boolean certain) {
			// Nobody is there to hear of it.
		}

		@Override
		public void withdrawn() {
			// Nobody is there to hear of it.
		}

	}

	private static final Journey.Start STATE = new Journey.Start("a");

	private final TestDatabase database;

	private final DirectHarness harness;

	DeadProducerTests(TestDatabase database) {
		this.database = database;
		this.harness = new DirectHarness(database);
	}

	@AfterEach
	void close() throws Exception {
		this.harness.close();
	}

	@Test
	void aProcessThatIsKilledLeavesALeaseThatEnds(@TempDir Path directory) throws Exception {
		try (ForkedJvm process = ForkedJvm.start(DirectProcess.class, directory.resolve("process.log"),
				List.of(this.database.url(), this.database.username(), this.database.password()))) {
			await().atMost(Duration.ofSeconds(60)).until(() -> this.harness.workers().count() == 1);
			process.kill();
		}
		UUID id = this.harness.workers().jdbc().sql("SELECT id FROM pg_task").query(UUID.class).single();
		assertThat(this.harness.workers().row(id)).satisfies((row) -> {
			assertThat(row.lockedBy()).isNotNull();
			assertThat(row.delivery()).isEqualTo(1);
		});
		this.harness.workers().run();
		assertThat(this.harness.awaitBegun().delivery()).isEqualTo(2);
		this.harness.awaitEmpty();
	}

	@Test
	void aProcessThatDiesBeforeTheStartLeavesALeaseThatEnds() {
		this.harness.directStarts().localWorker((taskType) -> new DeadOffer());
		UUID id = this.harness.client().enqueue(STATE);
		assertThat(this.harness.workers().row(id)).satisfies((row) -> {
			assertThat(row.lockedBy()).isEqualTo(DeadOffer.TOKEN);
			assertThat(row.leased()).isTrue();
			assertThat(row.delivery()).isEqualTo(1);
		});
		this.harness.workers().run();
		DirectHarness.Begun begun = this.harness.awaitBegun();
		assertThat(begun.delivery()).isEqualTo(2);
		assertThat(begun.attempt()).isEqualTo(1);
		this.harness.awaitEmpty();
	}

}
