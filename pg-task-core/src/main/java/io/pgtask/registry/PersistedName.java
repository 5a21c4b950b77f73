package io.pgtask.registry;

import java.util.Arrays;
import java.util.List;

import io.pgtask.PersistentName;
import org.jspecify.annotations.Nullable;

/**
 * The name under which a class is persisted: that of {@link PersistentName}, or its
 * simple name.
 *
 * @param name the name that is written
 * @param aliases former names that are still read
 */
record PersistedName(String name, List<String> aliases) {

	private static final int MAX_LENGTH = 200;

	static PersistedName of(Class<?> type) throws FaultException {
		PersistentName pinned = type.getDeclaredAnnotation(PersistentName.class);
		if (pinned == null) {
			return new PersistedName(requireValid(type.getSimpleName(), type), List.of());
		}
		String name = requireValid(pinned.value(), type);
		for (String alias : pinned.aliases()) {
			requireValid(alias, type);
		}
		return new PersistedName(name,
				Arrays.stream(pinned.aliases()).distinct().filter((alias) -> !alias.equals(name)).toList());
	}

	private static String requireValid(String name, Class<?> type) throws FaultException {
		String problem = problemOf(name);
		if (problem != null) {
			throw new FaultException(
					"The persisted name '" + printable(name) + "' of " + Names.of(type) + " " + problem + ".",
					"Give " + Names.of(type) + " another name by @PersistentName: not blank, at most " + MAX_LENGTH
							+ " characters, without quotes, backslashes and control characters.");
		}
		return name;
	}

	private static @Nullable String problemOf(String name) {
		if (name.isBlank()) {
			return "is blank";
		}
		if (name.codePointCount(0, name.length()) > MAX_LENGTH) {
			return "is longer than " + MAX_LENGTH + " characters";
		}
		if (!name.codePoints().allMatch(PersistedName::isAllowed)) {
			return "contains a quote, a backslash or a control character";
		}
		return null;
	}

	/**
	 * The name is part of the row's JSON as it is, so nothing in it may need an escape.
	 */
	private static boolean isAllowed(int codePoint) {
		return codePoint != '"' && codePoint != '\\' && !Character.isISOControl(codePoint)
				&& Character.getType(codePoint) != Character.SURROGATE;
	}

	private static String printable(String name) {
		StringBuilder printable = new StringBuilder();
		name.codePoints()
			.limit(MAX_LENGTH)
			.forEach((codePoint) -> printable.appendCodePoint(Character.isISOControl(codePoint) ? '?' : codePoint));
		return printable.toString();
	}

}
