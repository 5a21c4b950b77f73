package io.pgtask.store;

import java.time.Duration;
import java.util.UUID;

import io.pgtask.DuplicateTaskException;
import io.pgtask.OnConflict;
import io.pgtask.TaskOptions;
import io.pgtask.store.Greeter.ReadName;
import io.pgtask.test.PostgresTest;
import io.pgtask.test.TestDatabase;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import org.springframework.transaction.support.TransactionTemplate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * Tests for {@link JdbcTaskClient}: what becomes of a task whose key is taken.
 */
@PostgresTest
@Timeout(120)
class UniqueKeyTests {

	private final Producer producer;

	private final TransactionTemplate transaction;

	private final JdbcTaskClient client;

	private final TaskRows rows;

	private final OneKey key;

	UniqueKeyTests(TestDatabase database) {
		this.producer = new Producer(database);
		this.transaction = this.producer.transaction();
		this.client = this.producer.client();
		this.rows = this.producer.rows();
		this.key = new OneKey(this.producer);
	}

	@BeforeEach
	void createTable() {
		this.rows.reset();
	}

	@AfterEach
	void close() {
		this.producer.close();
	}

	@Test
	void keepReturnsTheIdOfTheTaskThatIsThere() {
		UUID first = this.key.enqueue("a", OnConflict.KEEP);
		assertThat(this.key.enqueue("b", OnConflict.KEEP)).isEqualTo(first);
		assertThat(this.key.names()).containsExactly("a");
	}

	@Test
	void replaceMakesTheTaskThatIsThereTheNewOne() {
		UUID first = this.client.enqueue(new ReadName("a"),
				OneKey.key(OnConflict.KEEP).withTags("old").withHeader("h", "old").withDelay(Duration.ofDays(1)));
		this.rows.update(first, "tried = 3, delivery = 4, last_error = 'old', cancel_requested_at = now()");
		UUID second = this.client.enqueue(new ReadName("b"),
				OneKey.key(OnConflict.REPLACE).withPriority(9).withTags("new").withDeadline(Duration.ofDays(1)));
		assertThat(second).isEqualTo(first);
		assertThat(this.key.names()).containsExactly("b");
		assertThat(this.rows.matches(first, """
				tags = '{new}' AND headers IS NULL AND priority = 9 AND wakeup_at <= now() AND deadline > now()
				AND tried = 0 AND delivery = 0 AND last_error IS NULL AND cancel_requested_at IS NULL""")).isTrue();
	}

	@Test
	void replaceSendsAParkedTaskOnItsWayAgain() {
		UUID id = this.key.enqueue("a", OnConflict.KEEP);
		this.rows.update(id, "error = 'boom', parked_at = now(), tried = 1");
		assertThat(this.key.enqueue("b", OnConflict.REPLACE)).isEqualTo(id);
		assertThat(this.rows.matches(id, "error IS NULL AND parked_at IS NULL AND tried = 0")).isTrue();
	}

	@Test
	void aRunningTaskIsNotReplacedAndNotLocked() {
		UUID id = this.key.enqueue("a", OnConflict.KEEP);
		this.rows.update(id, "locked_by = gen_random_uuid(), lock_expires_at = now() + interval '1 minute'");
		this.transaction.executeWithoutResult((status) -> {
			assertThatExceptionOfType(DuplicateTaskException.class)
				.isThrownBy(() -> this.key.enqueue("b", OnConflict.REPLACE))
				.withMessageContaining("cannot be replaced while a worker runs it")
				.satisfies((ex) -> assertThat(ex.existingId()).isEqualTo(id));
			assertThat(this.key.enqueue("c", OnConflict.KEEP)).isEqualTo(id);
			assertThat(OneKey.elsewhere(() -> {
				this.rows.update(id,
						"step = (SELECT step FROM pg_task WHERE id = '%s' FOR UPDATE NOWAIT)".formatted(id));
				return true;
			})).as("the worker can save its step").isTrue();
		});
		assertThat(this.key.names()).containsExactly("a");
		this.rows.update(id, "lock_expires_at = now() - interval '1 second'");
		assertThat(this.key.enqueue("d", OnConflict.REPLACE)).as("the lease has ended").isEqualTo(id);
		assertThat(this.rows.matches(id, "locked_by IS NULL")).isTrue();
		assertThat(this.key.names()).containsExactly("d");
	}

	@Test
	void rejectNamesTheKeyAndTheTaskThatHasIt() {
		UUID id = this.key.enqueue("a", OnConflict.KEEP);
		this.rows.update(id, "error = 'a parked task lives, too'");
		assertThatExceptionOfType(DuplicateTaskException.class)
			.isThrownBy(() -> this.key.enqueue("b", OnConflict.REJECT))
			.withMessageContaining("The task " + id + " of type Greeter already has the unique key 'key'")
			.satisfies((ex) -> {
				assertThat(ex.existingId()).isEqualTo(id);
				assertThat(ex.uniqueKey()).isEqualTo("key");
				assertThat(ex.taskType()).isEqualTo("Greeter");
			});
	}

	@ParameterizedTest
	@EnumSource(OnConflict.class)
	void noConflictAbortsTheCallersTransaction(OnConflict onConflict) {
		UUID existing = this.key.enqueue("a", OnConflict.KEEP);
		UUID other = this.transaction.execute((status) -> {
			try {
				assertThat(this.key.enqueue("b", onConflict)).isEqualTo(existing);
			}
			catch (DuplicateTaskException ex) {
				assertThat(onConflict).isEqualTo(OnConflict.REJECT);
			}
			return this.client.enqueue(new ReadName("after"));
		});
		assertThat(this.rows.ids()).containsExactly(existing, other);
	}

	@Test
	void aKeyIsFreeWhenItsTaskHasEnded() {
		UUID first = this.key.enqueue("a", OnConflict.REJECT);
		this.rows.execute("DELETE FROM pg_task");
		assertThat(this.key.enqueue("b", OnConflict.REJECT)).isNotEqualTo(first);
	}

	@Test
	void everyTaskTypeHasKeysOfItsOwn() {
		this.key.enqueue("a", OnConflict.REJECT);
		this.client.enqueue(new OtherType(), OneKey.key(OnConflict.REJECT));
		this.client.enqueue(new ReadName("c"), TaskOptions.DEFAULT.withUniqueKey("other", OnConflict.REJECT));
		assertThat(this.rows.ids()).hasSize(3);
	}

	@Test
	void anotherTransactionOfTheSameThreadSeesItsOwnTask() {
		this.transaction.executeWithoutResult((status) -> {
			UUID id = this.key.enqueue("a", OnConflict.KEEP);
			assertThat(this.key.enqueue("b", OnConflict.KEEP)).isEqualTo(id);
			assertThat(this.key.enqueue("c", OnConflict.REPLACE)).isEqualTo(id);
			assertThatExceptionOfType(DuplicateTaskException.class)
				.isThrownBy(() -> this.key.enqueue("d", OnConflict.REJECT));
		});
		assertThat(this.key.names()).containsExactly("c");
	}

	record OtherType() {
	}

}
