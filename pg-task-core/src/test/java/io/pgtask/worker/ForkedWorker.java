package io.pgtask.worker;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

import io.pgtask.test.ForkedJvm;
import io.pgtask.test.TestDatabase;

/**
 * A worker in a process of its own.
 */
final class ForkedWorker {

	private ForkedWorker() {
	}

	static ForkedJvm start(String name, TestDatabase database, int concurrency, Duration lease, int maxDeliveries,
			Path directory) throws IOException {
		return start(name, database, concurrency, lease, maxDeliveries, false, directory);
	}

	/** Starts a worker that keeps a history of all tasks. */
	static ForkedJvm startKeepingHistory(String name, TestDatabase database, int concurrency, Duration lease,
			int maxDeliveries, Path directory) throws IOException {
		return start(name, database, concurrency, lease, maxDeliveries, true, directory);
	}

	private static ForkedJvm start(String name, TestDatabase database, int concurrency, Duration lease,
			int maxDeliveries, boolean history, Path directory) throws IOException {
		return ForkedJvm.start(WorkerProcess.class, directory.resolve(name + ".log"),
				List.of(name, database.url(), database.username(), database.password(), Integer.toString(concurrency),
						lease.toString(), Integer.toString(maxDeliveries), Boolean.toString(history)));
	}

}
