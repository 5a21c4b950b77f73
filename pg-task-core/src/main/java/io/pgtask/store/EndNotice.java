package io.pgtask.store;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.Collectors;

import io.pgtask.TaskOutcome;

/**
 * The notification that awaited tasks have ended: the way in which they did, and their
 * ids, separated by blanks. An error is not part of it, because its text may be longer
 * than a notification, and is nobody else's business.
 *
 * @param way how the tasks ended
 * @param ids their ids
 */
public record EndNotice(Way way, List<UUID> ids) {

	/** The channel of these notifications. */
	public static final String CHANNEL = "pg_task_ended";

	/** A notification has fewer than 8,000 bytes, and an id with its blank 37. */
	private static final int MOST_IDS = 200;

	/**
	 * Write notifications.
	 * @param way how the tasks ended
	 * @param ids their ids, any number
	 * @return the payloads of as many notifications as it takes
	 */
	static List<String> payloads(Way way, List<UUID> ids) {
		List<String> payloads = new ArrayList<>();
		for (int start = 0; start < ids.size(); start += MOST_IDS) {
			List<UUID> part = ids.subList(start, Math.min(start + MOST_IDS, ids.size()));
			payloads.add(way.word() + part.stream().map((id) -> " " + id).collect(Collectors.joining()));
		}
		return payloads;
	}

	/**
	 * Read a notification.
	 * @param payload its payload
	 * @return what it says, or empty if it is not one of ours
	 */
	public static Optional<EndNotice> parse(String payload) {
		try {
			List<String> words = Arrays.asList(payload.split(" "));
			Way way = Way.valueOf(words.get(0).toUpperCase(Locale.ROOT));
			return Optional.of(new EndNotice(way, words.stream().skip(1).map(UUID::fromString).toList()));
		}
		catch (IllegalArgumentException ex) {
			return Optional.empty();
		}
	}

	/**
	 * How a task ended.
	 */
	public enum Way {

		/** The last step has finished. */
		DONE,

		/** An operator has cancelled it, or it has cancelled itself. */
		CANCELLED,

		/** The task is parked, and its row has the error. */
		ERRORED,

		/** An operator has deleted it. */
		DELETED,

		/** Nobody has started or confirmed it in time. */
		EXPIRED;

		static Way of(TaskOutcome outcome) {
			return switch (outcome) {
				case DONE, UNKNOWN -> DONE;
				case CANCELLED -> CANCELLED;
				case DELETED -> DELETED;
				case EXPIRED, LAPSED -> EXPIRED;
			};
		}

		String word() {
			return name().toLowerCase(Locale.ROOT);
		}

	}

}
