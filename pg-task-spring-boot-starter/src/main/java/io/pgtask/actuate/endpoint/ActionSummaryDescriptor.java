package io.pgtask.actuate.endpoint;

import io.pgtask.TaskAdmin.ActionSummary;

import org.springframework.boot.actuate.endpoint.OperationResponseBody;

/**
 * What an action did to the tasks of a selection.
 *
 * @param done for how many it was carried out
 * @param requested how many are held by a worker that was asked to carry it out
 * @param running how many are held by a worker, or by somebody else, and unchanged
 * @param notApplicable how many the action does not fit; they are unchanged
 * @param notFound how many had ended when their turn came
 * @param message what became of the first two
 */
public record ActionSummaryDescriptor(long done, long requested, long running, long notApplicable, long notFound,
		String message) implements OperationResponseBody {

	static ActionSummaryDescriptor of(TaskAction action, ActionSummary summary) {
		return new ActionSummaryDescriptor(summary.done(), summary.requested(), summary.running(),
				summary.notApplicable(), summary.notFound(), action.describe(summary));
	}

}
