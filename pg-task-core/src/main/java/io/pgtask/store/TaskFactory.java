package io.pgtask.store;

import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.Iterator;
import java.util.List;
import java.util.Objects;
import java.util.UUID;

import io.pgtask.TaskHeadersContributor;
import io.pgtask.TaskOptions;
import io.pgtask.TaskRequest;
import io.pgtask.codec.EncodedStep;
import io.pgtask.codec.StepCodec;
import org.jspecify.annotations.Nullable;

/**
 * Makes new tasks out of states: everything about them that can fail without the
 * database.
 */
final class TaskFactory {

	private final StepCodec codec;

	private final List<TaskHeadersContributor> contributors;

	TaskFactory(StepCodec codec, List<TaskHeadersContributor> contributors) {
		this.codec = codec;
		this.contributors = List.copyOf(contributors);
	}

	NewTask create(Object state, TaskOptions options) {
		Objects.requireNonNull(state, "The state must not be null");
		Objects.requireNonNull(options, "The options must not be null; use TaskOptions.DEFAULT for none");
		options.tags().forEach((tag) -> requireStorable("tag", tag));
		if (options.uniqueKey() != null) {
			requireStorable("unique key", options.uniqueKey());
		}
		EncodedStep step = this.codec.encode(state);
		String headers = TaskHeaders.collect(step, this.contributors, options.headers());
		UUID id = (options.id() != null) ? options.id() : TaskIds.shared().next();
		return new NewTask(id, step.taskType(), step.text(), headers, options, timestamp(options.dueAt()),
				timestamp(options.startBy()));
	}

	/**
	 * Make many tasks, each when it is asked for.
	 * @param states states, and requests that have options of their own
	 * @param options those of all others
	 */
	Iterator<NewTask> createAll(Iterator<?> states, TaskOptions options) {
		return new Iterator<>() {

			@Override
			public boolean hasNext() {
				return states.hasNext();
			}

			@Override
			public NewTask next() {
				Object next = states.next();
				return (next instanceof TaskRequest request) ? create(request.state(), request.options())
						: create(next, options);
			}

		};
	}

	private static @Nullable OffsetDateTime timestamp(@Nullable Instant instant) {
		return (instant != null) ? DatabaseTimes.timestamp(instant) : null;
	}

	private static void requireStorable(String what, String text) {
		if (!DatabaseText.canHold(text)) {
			throw new IllegalArgumentException("The " + what + " '" + text.replace('\0', '?')
					+ "' contains a NUL character or half a surrogate pair, which PostgreSQL cannot hold");
		}
	}

}
