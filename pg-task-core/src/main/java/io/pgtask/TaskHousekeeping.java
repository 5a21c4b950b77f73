package io.pgtask;

/**
 * What has to be done from time to time, and by one node only. Every node tries in its
 * own period; while one is at it, the others do nothing, and if it dies another one takes
 * its place in the next period.
 * <p>
 * The methods may also be called by hand. They use transactions of their own, also within
 * a running one.
 */
public interface TaskHousekeeping {

	/**
	 * Do everything that is due. If nothing is, that takes one query.
	 * @return what was done
	 */
	HousekeepingReport run();

	/**
	 * Make the partitions of the history for today and the days ahead.
	 * @return what was done
	 */
	HousekeepingReport createPartitions();

	/**
	 * Drop the partitions of the history whose records are all older than its retention.
	 * @return what was done
	 */
	HousekeepingReport pruneHistory();

	/**
	 * Move tasks that have been parked for long to the {@link DeadTasks}.
	 * @return what was done
	 */
	HousekeepingReport moveDeadTasks();

}
