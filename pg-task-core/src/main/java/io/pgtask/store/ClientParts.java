package io.pgtask.store;

/**
 * What a client inserts single tasks with.
 */
record ClientParts(TaskInsert insert, Wakeups wakeups, DirectStarts directStarts, CommitStarts commitStarts,
		GiveBacks giveBacks) {
}
