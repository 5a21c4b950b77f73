package io.pgtask.actuate.endpoint;

import java.util.function.Function;

import io.pgtask.worker.Worker;
import io.pgtask.worker.WorkerStatus;
import org.jspecify.annotations.Nullable;

import org.springframework.boot.actuate.endpoint.web.WebEndpointResponse;

/**
 * What can be done to this node's worker.
 */
final class WorkerOperations {

	private final @Nullable Worker worker;

	WorkerOperations(@Nullable Worker worker) {
		this.worker = worker;
	}

	WebEndpointResponse<Object> show() {
		return withWorker((worker) -> new WebEndpointResponse<>(WorkerDescriptor.of(worker)));
	}

	WebEndpointResponse<Object> change(@Nullable String state) {
		return withWorker(
				(worker) -> Responses.to(() -> change(worker, Parameters.constant("state", WantedState.class, state))));
	}

	private static WebEndpointResponse<Object> change(Worker worker, WantedState state) {
		if (state == WantedState.STOPPED) {
			worker.stop();
			return Responses.ok("The worker claims nothing more, and stops when its running steps have finished");
		}
		if (worker.status().state() == WorkerStatus.State.STOPPING) {
			return Responses.message(Responses.CONFLICT,
					"The worker is still stopping; start it again when it has stopped");
		}
		worker.start();
		return Responses.ok("The worker runs");
	}

	private WebEndpointResponse<Object> withWorker(Function<Worker, WebEndpointResponse<Object>> response) {
		return (this.worker != null) ? response.apply(this.worker) : Responses.message(
				WebEndpointResponse.STATUS_NOT_FOUND,
				"This node has no worker: pg-task.worker.enabled is false, or no bean is annotated with @TaskStep");
	}

	/**
	 * What the worker can be told to be.
	 */
	private enum WantedState {

		RUNNING, STOPPED

	}

}
