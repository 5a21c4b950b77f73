package io.pgtask;

import java.util.List;
import java.util.stream.Stream;

/**
 * What a round of housekeeping, or a part of one, has done.
 *
 * @param performed whether it was done here; {@code false} if another node was at it
 * @param created the partitions of the history that were made
 * @param dropped the partitions of the history that were dropped with all their records
 * @param hindered the partitions that could be neither made nor dropped, because somebody
 * has locked the history; the next round tries again
 * @param deleted how many records were deleted that had no partition of their own
 * @param dead how many parked tasks were moved to the dead ones
 */
public record HousekeepingReport(boolean performed, List<String> created, List<String> dropped, List<String> hindered,
		long deleted, long dead) {

	/** Another node was at it. */
	public static final HousekeepingReport NOT_PERFORMED = new HousekeepingReport(false, List.of(), List.of(),
			List.of(), 0, 0);

	/** There was nothing to do. */
	public static final HousekeepingReport NOTHING = new HousekeepingReport(true, List.of(), List.of(), List.of(), 0,
			0);

	public HousekeepingReport {
		created = List.copyOf(created);
		dropped = List.copyOf(dropped);
		hindered = List.copyOf(hindered);
	}

	/**
	 * Return whether anything has changed.
	 * @return whether something was made, dropped, deleted or moved
	 */
	public boolean hasChanged() {
		return !this.created.isEmpty() || !this.dropped.isEmpty() || this.deleted > 0 || this.dead > 0;
	}

	/**
	 * Add what another part has done.
	 * @param other the other report
	 * @return what both have done
	 */
	public HousekeepingReport and(HousekeepingReport other) {
		return new HousekeepingReport(this.performed && other.performed, both(this.created, other.created),
				both(this.dropped, other.dropped), both(this.hindered, other.hindered), this.deleted + other.deleted,
				this.dead + other.dead);
	}

	private static List<String> both(List<String> first, List<String> second) {
		return Stream.concat(first.stream(), second.stream()).toList();
	}

}
