package io.pgtask.actuate.endpoint;

import org.springframework.boot.actuate.endpoint.OperationResponseBody;

/**
 * What an action would do.
 *
 * @param matching how many tasks it would find now
 * @param message what that means
 */
public record PreviewDescriptor(long matching, String message) implements OperationResponseBody {

	static PreviewDescriptor of(TaskAction action, long matching) {
		return new PreviewDescriptor(matching, "Nothing was changed; without preview the action " + action.parameter()
				+ " is tried on each of these tasks");
	}

}
