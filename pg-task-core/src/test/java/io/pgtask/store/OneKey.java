package io.pgtask.store;

import java.util.List;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;

import io.pgtask.OnConflict;
import io.pgtask.TaskOptions;
import io.pgtask.store.Greeter.ReadName;

/**
 * Tasks that all have the same key.
 */
final class OneKey {

	private final Producer producer;

	OneKey(Producer producer) {
		this.producer = producer;
	}

	UUID enqueue(String name, OnConflict onConflict) {
		return this.producer.client().enqueue(new ReadName(name), key(onConflict));
	}

	static TaskOptions key(OnConflict onConflict) {
		return TaskOptions.DEFAULT.withUniqueKey("key", onConflict);
	}

	List<String> names() {
		return this.producer.rows()
			.strings("SELECT step::jsonb -> 'Greeter' -> 'ReadName' ->> 'filename' FROM pg_task");
	}

	/** On another thread, which takes no part in this one's transaction. */
	static <T> T elsewhere(Callable<T> work) {
		ExecutorService executor = Executors.newSingleThreadExecutor();
		try {
			return executor.submit(work).get(20, TimeUnit.SECONDS);
		}
		catch (Exception ex) {
			throw new IllegalStateException(ex);
		}
		finally {
			executor.shutdownNow();
		}
	}

}
