package io.pgtask.worker;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

import io.pgtask.test.ForkedJvm;
import io.pgtask.test.TestDatabase;
import org.awaitility.core.ConditionFactory;

import static org.awaitility.Awaitility.await;

/**
 * The worker processes of a test, none of which outlives it.
 */
final class ForkedWorkers implements AutoCloseable {

	private final TestDatabase database;

	private final Path directory;

	private final List<ForkedJvm> workers = new ArrayList<>();

	/**
	 * Create none yet.
	 * @param directory where they write what they have to say
	 */
	ForkedWorkers(TestDatabase database, Path directory) {
		this.database = database;
		this.directory = directory;
	}

	ForkedJvm start(String name, int concurrency, Duration lease, int maxDeliveries) throws IOException {
		ForkedJvm worker = ForkedWorker.start(name, this.database, concurrency, lease, maxDeliveries, this.directory);
		this.workers.add(worker);
		return worker;
	}

	/** Waits for what they do, unless one of them has not even started. */
	ConditionFactory eventually() {
		return await().atMost(Duration.ofSeconds(60)).pollInterval(Duration.ofMillis(50)).failFast(() -> {
			for (ForkedJvm worker : this.workers) {
				worker.requireStarted();
			}
		});
	}

	@Override
	public void close() throws Exception {
		for (ForkedJvm worker : this.workers) {
			worker.close();
		}
	}

}
