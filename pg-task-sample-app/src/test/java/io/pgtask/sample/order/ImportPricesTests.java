package io.pgtask.sample.order;

import java.io.IOException;
import java.math.BigDecimal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;

import io.pgtask.CheckpointOption;
import io.pgtask.NextStep;
import io.pgtask.Step;
import io.pgtask.StepContext;
import io.pgtask.TaskAdmin;
import io.pgtask.TaskClient;
import io.pgtask.TaskStep;
import io.pgtask.sample.TestPostgres;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.context.annotation.Import;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.transaction.support.TransactionTemplate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * Shows a long step that applies a file in many short transactions, each of them once.
 */
@SpringBootTest
@Import({ TestPostgres.class, ImportPricesTests.ImportPricesStep.class, ImportPricesTests.PriceList.class })
class ImportPricesTests {

	private static final int LINES = 25;

	@Autowired
	private TaskClient client;

	@Autowired
	private TaskAdmin tasks;

	@Autowired
	private PriceList prices;

	@Autowired
	private JdbcClient jdbc;

	@Test
	void everyLineIsAppliedOnceAlthoughTheImportFailsTwice(@TempDir Path directory) throws IOException {
		BigDecimal before = priceOf("piano");
		Path file = directory.resolve("prices.txt");
		Files.write(file, IntStream.range(0, LINES).mapToObj((line) -> "piano").toList());
		UUID id = this.client.enqueue(new ImportPrices(file.toString(), 0));
		await().atMost(Duration.ofMinutes(1)).untilAsserted(() -> assertThat(this.tasks.find(id)).isEmpty());
		assertThat(priceOf("piano").subtract(before)).isEqualByComparingTo(BigDecimal.valueOf(LINES));
		assertThat(this.prices.failures).as("failures").hasValueGreaterThanOrEqualTo(2);
	}

	private BigDecimal priceOf(String product) {
		return this.jdbc.sql("SELECT price FROM product WHERE name = :name")
			.param("name", product)
			.query(BigDecimal.class)
			.single();
	}

	/** Raises prices, and is out of order twice. */
	static class PriceList {

		private final JdbcClient jdbc;

		private final AtomicInteger calls = new AtomicInteger();

		private final AtomicInteger failures = new AtomicInteger();

		PriceList(JdbcClient jdbc) {
			this.jdbc = jdbc;
		}

		void raise(List<String> products) {
			products.forEach((product) -> this.jdbc.sql("UPDATE product SET price = price + 1 WHERE name = :name")
				.param("name", product)
				.update());
			if (this.calls.incrementAndGet() % 2 == 0 && this.failures.incrementAndGet() <= 2) {
				throw new IllegalStateException("Out of order");
			}
		}

	}

	// tag::checkpoint[]
	record ImportPrices(String file, int nextLine) {
	}

	@TaskStep(maxRetries = 5, retryDelay = "100ms")
	static class ImportPricesStep implements Step<ImportPrices, ImportPrices> {

		private static final int CHUNK = 10;

		private final PriceList prices;

		private final TransactionTemplate transaction;

		ImportPricesStep(PriceList prices, TransactionTemplate transaction) {
			this.prices = prices;
			this.transaction = transaction;
		}

		@Override
		public NextStep<ImportPrices> run(ImportPrices state, StepContext context) throws IOException {
			List<String> lines = Files.readAllLines(Path.of(state.file()));
			for (int line = state.nextLine(); line < lines.size(); line += CHUNK) {
				int next = Math.min(line + CHUNK, lines.size());
				List<String> chunk = lines.subList(line, next);
				this.transaction.executeWithoutResult((status) -> {
					this.prices.raise(chunk);
					context.checkpoint(new ImportPrices(state.file(), next), CheckpointOption.JOIN_TRANSACTION);
				});
			}
			return NextStep.done();
		}

	}
	// end::checkpoint[]

}
