package io.pgtask.worker;

import java.util.function.Consumer;
import java.util.function.Predicate;

import io.pgtask.TaskOutcome;
import io.pgtask.store.JoinedTransition;
import org.jspecify.annotations.Nullable;

import org.springframework.transaction.PlatformTransactionManager;

/**
 * Makes what runs the steps of a worker.
 */
final class StepRunners {

	private StepRunners() {
	}

	/**
	 * Create a runner.
	 * @param parts those of the worker
	 * @param pace is told how long steps take
	 * @param settlement is told of what transactional steps have saved themselves
	 * @param failures decides about failed attempts
	 * @param yielding whether the next step of a task type must not start here at once
	 * @param outcomes takes what becomes of the executions
	 * @param onLost called with an execution that is no longer the worker's
	 */
	static StepRunner create(WorkerParts parts, Pace pace, Settlement settlement, FailureOutcomes failures,
			Predicate<String> yielding, Consumer<Outcome> outcomes, Consumer<Execution> onLost) {
		Transitions transitions = new Transitions(parts.registry(), parts.codec(), failures, yielding,
				parts.table().history().records(TaskOutcome.EXPIRED));
		JoinedTransition joined = new JoinedTransition(parts.dataSource(), parts.table());
		CheckpointParts checkpoints = new CheckpointParts(parts.codec(), outcomes, joined,
				parts.settings().leaseTimeout());
		return new StepRunner(parts.codec(), transitions, transactionalSteps(parts, transitions, settlement, joined),
				checkpoints, new Gates(parts.gates(), failures.log()), parts.interceptors(),
				parts.settings().maxDeliveries(), pace, outcomes, onLost);
	}

	private static @Nullable TransactionalSteps transactionalSteps(WorkerParts parts, Transitions transitions,
			Settlement settlement, JoinedTransition joined) {
		PlatformTransactionManager manager = parts.transactionManager();
		if (manager == null) {
			return null;
		}
		return new TransactionalSteps(new StepTransactions(manager, joined), joined, transitions, settlement,
				new ConnectionGuard(parts.transactionalConcurrency()), parts.settings().leaseTimeout());
	}

}
