package io.pgtask.registry;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

import io.pgtask.PgTaskConfigurationException;

/**
 * Collects what is wrong with the task types of an application, so that one start shows
 * all of it. Not thread-safe.
 */
public final class ConfigurationFaults {

	private final Map<String, String> actions = new LinkedHashMap<>();

	/**
	 * Add a fault. The same message is kept once.
	 * @param message what is wrong and where
	 * @param action what the developer can do about it
	 */
	public void add(String message, String action) {
		this.actions.putIfAbsent(message, action);
	}

	/**
	 * Fail if there is a fault.
	 * @throws PgTaskConfigurationException with all faults, numbered if there are several
	 */
	public void throwIfAny() {
		if (!this.actions.isEmpty()) {
			throw toException();
		}
	}

	private PgTaskConfigurationException toException() {
		List<String> messages = List.copyOf(this.actions.keySet());
		List<String> actions = List.copyOf(this.actions.values());
		if (messages.size() == 1) {
			return new PgTaskConfigurationException(messages.get(0), actions.get(0));
		}
		return new PgTaskConfigurationException(
				"The task types have " + messages.size() + " faults:\n" + numbered(messages), numbered(actions));
	}

	private static String numbered(List<String> lines) {
		return IntStream.range(0, lines.size())
			.mapToObj((index) -> "  " + (index + 1) + ". " + lines.get(index))
			.collect(Collectors.joining("\n"));
	}

}
