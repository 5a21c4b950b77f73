package io.pgtask.actuate.endpoint;

import java.util.List;

import io.pgtask.HousekeepingReport;

import org.springframework.boot.actuate.endpoint.OperationResponseBody;

/**
 * What the housekeeping has done.
 *
 * @param performed whether it was done by this node; {@code false} if another one was at
 * it
 * @param created the partitions of the history that were made
 * @param dropped the partitions of the history that were dropped
 * @param hindered the partitions that could be neither made nor dropped for now
 * @param deleted how many old records without a partition of their own were deleted
 * @param dead how many parked tasks were moved to the dead ones
 */
public record HousekeepingDescriptor(boolean performed, List<String> created, List<String> dropped,
		List<String> hindered, long deleted, long dead) implements OperationResponseBody {

	static HousekeepingDescriptor of(HousekeepingReport report) {
		return new HousekeepingDescriptor(report.performed(), report.created(), report.dropped(), report.hindered(),
				report.deleted(), report.dead());
	}

}
