package io.pgtask.model;

import java.util.Locale;

import io.pgtask.store.HistorySettings;
import io.pgtask.store.TaskTable;

/**
 * The tables of the model.
 */
enum TableMode {

	/** As it is by default. */
	NORMAL,

	/** Ended tasks are recorded, and those that expire end. */
	WITH_HISTORY,

	/** With the triggers of the Rust library. */
	SHARED_WITH_RUST;

	TaskTable table() {
		return TaskTable.inSchema("model_" + name().toLowerCase(Locale.ROOT))
			.keeping(recordsEnds() ? HistorySettings.ALL : HistorySettings.NONE);
	}

	boolean recordsEnds() {
		return this == WITH_HISTORY;
	}

}
