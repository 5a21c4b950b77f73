package io.pgtask.worker;

import java.util.List;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;

import io.pgtask.NextStep;
import io.pgtask.PersistentName;
import io.pgtask.Step;
import io.pgtask.StepContext;
import io.pgtask.codec.StepCodec;
import io.pgtask.registry.TaskRegistry;
import io.pgtask.store.JdbcTaskClient;
import io.pgtask.store.TaskTable;
import io.pgtask.store.Wakeups;
import io.pgtask.test.PostgresTest;
import io.pgtask.test.TaskSchema;
import io.pgtask.test.TestDatabase;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.jdbc.core.simple.JdbcClient;
import tools.jackson.databind.json.JsonMapper;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * Tests for tasks from their enqueuing to their end whose names or states are unusual.
 */
@PostgresTest
class UnusualTasksTests {

	private static final int TEN_MEGABYTES = 10 * 1024 * 1024;

	private final JdbcClient jdbc;

	private final Wakeups wakeups;

	private final JdbcTaskClient client;

	private final Worker worker;

	private final List<String> ran = new CopyOnWriteArrayList<>();

	UnusualTasksTests(TestDatabase database) {
		this.jdbc = JdbcClient.create(database.dataSource());
		TaskRegistry registry = TaskRegistry.builder().step(new FirstStep()).step(new SecondStep()).build();
		StepCodec codec = new StepCodec(JsonMapper.builder().build(), registry);
		this.wakeups = new Wakeups(database.dataSource());
		this.client = new JdbcTaskClient(database.dataSource(), TaskTable.inSearchPath(), codec, List.of(),
				this.wakeups);
		this.worker = Worker.builder(database.createPool(6), TaskTable.inSearchPath(), registry, codec)
			.settings(WorkerHarness.QUICK)
			.build();
	}

	@BeforeAll
	static void createTable(TestDatabase database) {
		TaskSchema.create(database.dataSource());
	}

	@AfterEach
	void stop() throws Exception {
		this.worker.stop().get(20, TimeUnit.SECONDS);
		this.wakeups.close();
	}

	@Test
	void aStateOfTenMegabytesGoesThroughAllItsSteps() {
		String text = "ä\"\n".repeat(TEN_MEGABYTES / 4);
		UUID id = this.client.enqueue(new Unusual.First(text));
		this.worker.start();
		await().until(() -> isGone(id));
		assertThat(this.ran).containsExactly("First " + text.hashCode(), "Second " + text.hashCode());
	}

	@ParameterizedTest
	@ValueSource(strings = { "it's \"quoted\" and \\escaped\\", "🎉 \ud83d\udc68\u200d\ud83d\udc69 ünïcödé \u202e",
			"'; DROP TABLE pg_task; --", "{\"Unusual\":{\"First\":null}}", "\u0001\u001f\u007f\ufffe\uffff\t\r\n",
			"$1 ? :name {table} %s %n", "" })
	void aStateComesThroughAsItWasUnderNamesWithQuotesAndEmoji(String text) {
		UUID id = this.client.enqueue(new Unusual.First(text));
		assertThat(this.jdbc.sql("SELECT task FROM pg_task WHERE id = ?").param(id).query(String.class).single())
			.isEqualTo("it's 🎉 {task} $1 ?");
		this.worker.start();
		await().until(() -> isGone(id));
		assertThat(this.ran).containsExactly("First " + text.hashCode(), "Second " + text.hashCode());
	}

	@Test
	void aRowUnderAFormerNameRunsAsWell() {
		UUID id = this.jdbc.sql("""
				INSERT INTO pg_task (step) VALUES ('{"l''ancien nom ☎":{"Premier":{"text":"a"}}}') RETURNING id
				""").query(UUID.class).single();
		this.worker.start();
		await().until(() -> isGone(id));
		assertThat(this.ran).containsExactly("First 97", "Second 97");
	}

	private boolean isGone(UUID id) {
		return this.jdbc.sql("SELECT count(*) FROM pg_task WHERE id = ?").param(id).query(Integer.class).single() == 0;
	}

	@PersistentName(value = "it's 🎉 {task} $1 ?", aliases = "l'ancien nom ☎")
	sealed interface Unusual {

		@PersistentName(value = "the 'first' 👆 %s", aliases = "Premier")
		record First(String text) implements Unusual {
		}

		@PersistentName("':second:' ✌")
		record Second(String text) implements Unusual {
		}

	}

	private final class FirstStep implements Step<Unusual, Unusual.First> {

		@Override
		public NextStep<Unusual> run(Unusual.First state, StepContext context) {
			UnusualTasksTests.this.ran.add("First " + state.text().hashCode());
			return NextStep.now(new Unusual.Second(state.text()));
		}

	}

	private final class SecondStep implements Step<Unusual, Unusual.Second> {

		@Override
		public NextStep<Unusual> run(Unusual.Second state, StepContext context) {
			UnusualTasksTests.this.ran.add("Second " + state.text().hashCode());
			return NextStep.done();
		}

	}

}
