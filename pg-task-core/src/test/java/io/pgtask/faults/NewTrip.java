package io.pgtask.faults;

import io.pgtask.PersistentName;
import org.jspecify.annotations.Nullable;

/**
 * What has become of the {@link Trip} in the new version of the application: one of its
 * states has a component that old rows do not have, and old processes do not know.
 */
@PersistentName("Trip")
sealed interface NewTrip {

	record First(String name) implements NewTrip {
	}

	record Second(String name, @Nullable String note) implements NewTrip {
	}

	record Third(String name) implements NewTrip {
	}

}
