package io.pgtask;

import java.util.Collection;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;

import org.jspecify.annotations.Nullable;

/**
 * A failure and its causes.
 */
final class CauseChain {

	private CauseChain() {
	}

	static boolean contains(Throwable failure, Class<? extends Throwable> type) {
		return containsAny(failure, List.of(type));
	}

	/**
	 * Whether the failure or one of its causes is of one of the types. A chain may bite
	 * its tail.
	 */
	static boolean containsAny(Throwable failure, Collection<Class<? extends Throwable>> types) {
		if (types.isEmpty()) {
			return false;
		}
		Set<Throwable> seen = Collections.newSetFromMap(new IdentityHashMap<>());
		@Nullable Throwable cause = failure;
		while (cause != null && seen.add(cause)) {
			Throwable current = cause;
			if (types.stream().anyMatch((type) -> type.isInstance(current))) {
				return true;
			}
			cause = causeOf(current);
		}
		return false;
	}

	/** The methods of an exception are code of the application, too. */
	private static @Nullable Throwable causeOf(Throwable failure) {
		try {
			return failure.getCause();
		}
		catch (RuntimeException | Error ex) {
			return null;
		}
	}

}
