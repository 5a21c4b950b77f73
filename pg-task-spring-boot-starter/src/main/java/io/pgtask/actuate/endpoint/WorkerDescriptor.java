package io.pgtask.actuate.endpoint;

import java.time.Duration;
import java.util.Set;

import io.pgtask.worker.Worker;
import io.pgtask.worker.WorkerSettings;
import io.pgtask.worker.WorkerStatus;
import org.jspecify.annotations.Nullable;

import org.springframework.boot.actuate.endpoint.OperationResponseBody;

/**
 * This node's worker.
 *
 * @param state what it does
 * @param workerId the identity of this start of the worker, or {@code null} while stopped
 * @param running how many steps run
 * @param waiting how many claimed tasks wait for a free slot
 * @param listening whether wake-ups arrive, or none are wanted
 * @param sinceContact how long ago it last heard from the database
 * @param sinceHeartbeat how long ago it last looked after its leases
 * @param trouble the database error that keeps it from working, or {@code null}
 * @param pausedTypes those of its task types that are paused, as far as it knows
 * @param settings how it works
 */
public record WorkerDescriptor(WorkerStatus.State state, @Nullable String workerId, int running, int waiting,
		boolean listening, @Nullable Duration sinceContact, @Nullable Duration sinceHeartbeat, @Nullable String trouble,
		Set<String> pausedTypes, WorkerSettings settings) implements OperationResponseBody {

	static WorkerDescriptor of(Worker worker) {
		WorkerStatus status = worker.status();
		return new WorkerDescriptor(status.state(), status.workerId(), status.running(), status.waiting(),
				status.listening(), status.sinceContact(), status.sinceHeartbeat(), status.trouble(),
				status.pausedTypes(), worker.settings());
	}

}
