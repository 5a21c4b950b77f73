package io.pgtask.store;

import java.util.AbstractList;
import java.util.Arrays;
import java.util.Objects;
import java.util.RandomAccess;
import java.util.UUID;

/**
 * The ids of many tasks, in 16 bytes each.
 */
final class TaskIdList extends AbstractList<UUID> implements RandomAccess {

	private long[] halves = new long[64];

	private int size;

	/** Add an id; unlike {@link #add} this is for the one who fills the list. */
	void append(UUID id) {
		if (2 * this.size == this.halves.length) {
			this.halves = Arrays.copyOf(this.halves, 2 * this.halves.length);
		}
		put(this.size++, id);
	}

	/** Put the id of a task that was there before in place of the one it was given. */
	void put(int index, UUID id) {
		this.halves[2 * index] = id.getMostSignificantBits();
		this.halves[2 * index + 1] = id.getLeastSignificantBits();
	}

	@Override
	public UUID get(int index) {
		Objects.checkIndex(index, this.size);
		return new UUID(this.halves[2 * index], this.halves[2 * index + 1]);
	}

	@Override
	public int size() {
		return this.size;
	}

}
