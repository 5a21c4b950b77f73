package io.pgtask;

import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.UUID;

import org.jspecify.annotations.Nullable;

/**
 * How a task is enqueued. Immutable; every {@code with} method returns a changed copy, so
 * that one can be kept as a constant:
 *
 * <pre class="code">
 * static final TaskOptions URGENT = TaskOptions.DEFAULT.withPriority(9).withTags("invoice");
 * </pre>
 *
 * @param id the task's id, or {@code null} to have one made; should it exist already, the
 * database refuses it
 * @param priority 0 to 9, 9 is the most urgent and 4 the default
 * @param delay after how long the task is due, by the database's clock; zero for at once,
 * and if it is due at an instant
 * @param dueAt when the task is due, by the database's clock, or {@code null}; an instant
 * in the past means at once
 * @param tags words to find and delete tasks by, each of 1 to 100 characters
 * @param headers names and values that every step can read; they win over those that a
 * {@link TaskHeadersContributor} adds under the same name
 * @param startWithin after how long a task that no worker has started is not run any
 * more, by the database's clock, or {@code null}
 * @param startBy when a task that no worker has started is not run any more, or
 * {@code null}
 * @param uniqueKey a key that no two living tasks of a type have, of 1 to 255 characters,
 * or {@code null}
 * @param onConflict what to do if a living task has the key
 */
public record TaskOptions(@Nullable UUID id, int priority, Duration delay, @Nullable Instant dueAt, Set<String> tags,
		Map<String, String> headers, @Nullable Duration startWithin, @Nullable Instant startBy,
		@Nullable String uniqueKey, OnConflict onConflict) {

	/** The priority of a task that was given none. */
	public static final int DEFAULT_PRIORITY = 4;

	/** The most urgent priority. */
	public static final int MAX_PRIORITY = 9;

	/** The most characters of a tag. */
	public static final int MAX_TAG_LENGTH = 100;

	/** The most tags of a task. */
	public static final int MAX_TAGS = 100;

	/** The most characters of all names and values of a task's headers together. */
	public static final int MAX_HEADERS_LENGTH = 65_536;

	/** The most characters of a unique key. */
	public static final int MAX_KEY_LENGTH = 255;

	/** Due at once, and nothing else. */
	public static final TaskOptions DEFAULT = new TaskOptions(null, DEFAULT_PRIORITY, Duration.ZERO, null, Set.of(),
			Map.of(), null, null, null, OnConflict.KEEP);

	public TaskOptions {
		require(priority >= 0 && priority <= MAX_PRIORITY, "The priority must be between 0 and 9 but is " + priority);
		Delays.requireNotNegative(delay);
		require(dueAt == null || delay.isZero(), "A task is due after a delay or at an instant, not both");
		tags = Set.copyOf(Objects.requireNonNull(tags, "The tags must not be null; use an empty set for none"));
		require(tags.size() <= MAX_TAGS, "A task has at most " + MAX_TAGS + " tags, but " + tags.size()
				+ " were given; put what is not needed to find the task into its state");
		tags.forEach((tag) -> requireLength("A tag", tag, MAX_TAG_LENGTH));
		headers = Map
			.copyOf(Objects.requireNonNull(headers, "The headers must not be null; use an empty map for none"));
		require(startWithin == null || startBy == null, "A deadline is a duration or an instant, not both");
		require(startWithin == null || !startWithin.isNegative(), "The deadline must not be negative");
		if (uniqueKey != null) {
			requireLength("The unique key", uniqueKey, MAX_KEY_LENGTH);
		}
		Objects.requireNonNull(onConflict, "What to do on a conflict must not be null");
	}

	/**
	 * Choose the task's id.
	 * @param id the id, best a UUID of version 7
	 * @return the changed copy
	 */
	public TaskOptions withId(UUID id) {
		Objects.requireNonNull(id, "The id must not be null");
		return new TaskOptions(id, this.priority, this.delay, this.dueAt, this.tags, this.headers, this.startWithin,
				this.startBy, this.uniqueKey, this.onConflict);
	}

	/**
	 * Set the priority among the due tasks of the type.
	 * @param priority 0 to 9, 9 is the most urgent
	 * @return the changed copy
	 */
	public TaskOptions withPriority(int priority) {
		return new TaskOptions(this.id, priority, this.delay, this.dueAt, this.tags, this.headers, this.startWithin,
				this.startBy, this.uniqueKey, this.onConflict);
	}

	/**
	 * Let the task be due after a delay, counted by the database's clock.
	 * @param delay how long to wait, zero for at once
	 * @return the changed copy
	 */
	public TaskOptions withDelay(Duration delay) {
		return new TaskOptions(this.id, this.priority, delay, null, this.tags, this.headers, this.startWithin,
				this.startBy, this.uniqueKey, this.onConflict);
	}

	/**
	 * Let the task be due at an instant of the database's clock.
	 * @param instant when; an instant in the past means at once
	 * @return the changed copy
	 */
	public TaskOptions withDueAt(Instant instant) {
		Objects.requireNonNull(instant, "The instant must not be null");
		return new TaskOptions(this.id, this.priority, Duration.ZERO, instant, this.tags, this.headers,
				this.startWithin, this.startBy, this.uniqueKey, this.onConflict);
	}

	/**
	 * Tag the task.
	 * @param tags all its tags; they replace those it had
	 * @return the changed copy
	 */
	public TaskOptions withTags(String... tags) {
		return new TaskOptions(this.id, this.priority, this.delay, this.dueAt, new LinkedHashSet<>(Arrays.asList(tags)),
				this.headers, this.startWithin, this.startBy, this.uniqueKey, this.onConflict);
	}

	/**
	 * Add a header.
	 * @param name its name
	 * @param value its value
	 * @return the changed copy
	 */
	public TaskOptions withHeader(String name, String value) {
		Map<String, String> headers = new LinkedHashMap<>(this.headers);
		headers.put(name, value);
		return new TaskOptions(this.id, this.priority, this.delay, this.dueAt, this.tags, headers, this.startWithin,
				this.startBy, this.uniqueKey, this.onConflict);
	}

	/**
	 * Set a deadline: if no worker has started the task by then, it is not run but parked
	 * with the error {@code expired}, or ends as {@link TaskOutcome#EXPIRED} if there is
	 * a history. A task that was started once never expires.
	 * @param within how long after it was enqueued, by the database's clock; not negative
	 * @return the changed copy
	 */
	public TaskOptions withDeadline(Duration within) {
		Objects.requireNonNull(within, "The deadline must not be null");
		return new TaskOptions(this.id, this.priority, this.delay, this.dueAt, this.tags, this.headers, within, null,
				this.uniqueKey, this.onConflict);
	}

	/**
	 * Set a deadline, as {@link #withDeadline(Duration)} does.
	 * @param instant when, by the database's clock
	 * @return the changed copy
	 */
	public TaskOptions withDeadline(Instant instant) {
		Objects.requireNonNull(instant, "The deadline must not be null");
		return new TaskOptions(this.id, this.priority, this.delay, this.dueAt, this.tags, this.headers, null, instant,
				this.uniqueKey, this.onConflict);
	}

	/**
	 * Give the task a key that no two living tasks of its type have.
	 * @param uniqueKey the key, of 1 to 255 characters
	 * @param onConflict what to do if a living task has it
	 * @return the changed copy
	 */
	public TaskOptions withUniqueKey(String uniqueKey, OnConflict onConflict) {
		Objects.requireNonNull(uniqueKey, "The unique key must not be null");
		return new TaskOptions(this.id, this.priority, this.delay, this.dueAt, this.tags, this.headers,
				this.startWithin, this.startBy, uniqueKey, onConflict);
	}

	private static void requireLength(String what, String text, int most) {
		int length = text.codePointCount(0, text.length());
		require(length >= 1 && length <= most,
				what + " must have 1 to " + most + " characters but '" + shown(text) + "' has " + length);
	}

	private static String shown(String text) {
		return (text.length() > MAX_TAG_LENGTH) ? text.substring(0, MAX_TAG_LENGTH) + "…" : text;
	}

	private static void require(boolean condition, String message) {
		if (!condition) {
			throw new IllegalArgumentException(message);
		}
	}

}
