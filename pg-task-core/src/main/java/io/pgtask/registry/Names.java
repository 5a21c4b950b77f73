package io.pgtask.registry;

/**
 * How classes are called in messages.
 */
final class Names {

	private Names() {
	}

	static String of(Class<?> type) {
		String canonical = type.getCanonicalName();
		return (canonical != null) ? canonical : type.getName();
	}

}
