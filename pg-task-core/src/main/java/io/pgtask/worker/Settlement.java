package io.pgtask.worker;

import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

import io.pgtask.LeaseLostException;
import io.pgtask.store.Transition;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What happens in this worker once an outcome is in the table, or can no longer get
 * there.
 */
final class Settlement {

	private static final Logger logger = LoggerFactory.getLogger(Settlement.class);

	private final Holdings holdings;

	private final WorkerEvents events;

	private final LossLog losses;

	private final Consumer<List<Execution>> next;

	private final Runnable onReleased;

	/**
	 * Create a settlement.
	 * @param holdings the executions this worker holds
	 * @param events is told
	 * @param losses is told of claims that were lost
	 * @param next takes executions whose next step may run now
	 * @param onReleased called when rows of this worker became free, now or later
	 */
	Settlement(Holdings holdings, WorkerEvents events, LossLog losses, Consumer<List<Execution>> next,
			Runnable onReleased) {
		this.holdings = holdings;
		this.events = events;
		this.losses = losses;
		this.next = next;
		this.onReleased = onReleased;
	}

	void saved(List<Outcome> outcomes) {
		List<Execution> advanced = new ArrayList<>();
		boolean released = false;
		for (Outcome outcome : outcomes) {
			Execution execution = outcome.execution();
			if (outcome.transition() instanceof Transition.Checkpoint) {
				execution.answer().complete(null);
				continue;
			}
			if (outcome.transition() instanceof Transition.Advance advance) {
				execution.advance(advance.text());
				advanced.add(execution);
			}
			else {
				if (outcome.kind() == StepOutcome.CANCELLED && !outcome.transition().endsTask()) {
					logger.info("Task {} ({}) has ended, because somebody asked to cancel it", execution.id(),
							execution.taskType());
				}
				released |= outcome.transition() instanceof Transition.Release;
				execution.settle();
				this.holdings.remove(execution);
			}
			this.events.finished(execution.taskType(), outcome.step(), outcome.kind(), outcome.took());
		}
		if (!advanced.isEmpty()) {
			this.next.accept(advanced);
		}
		if (released) {
			this.onReleased.run();
		}
	}

	void lost(List<Outcome> outcomes) {
		for (Outcome outcome : outcomes) {
			Execution execution = outcome.execution();
			if (outcome.transition() instanceof Transition.Checkpoint) {
				execution.answer()
					.completeExceptionally(new LeaseLostException("The lease expired or is no longer owned"));
				continue;
			}
			execution.settle();
			this.holdings.remove(execution);
			this.losses.outcomeDropped(execution.id(), outcome.kind());
			this.events.leaseLost(execution.taskType(), outcome.step());
			this.events.finished(execution.taskType(), outcome.step(), StepOutcome.LOST, outcome.took());
		}
	}

	/** The database refuses a checkpoint; the step that waits for it is told. */
	void refused(Outcome checkpoint, SQLException refusal) {
		checkpoint.execution().answer().completeExceptionally(refusal);
	}

	/**
	 * Nobody knows whether the outcome is in the table. Where it is not, the step may not
	 * be repeated before that is certain, and where it is, another attempt must not be
	 * counted: so the task is left to its row, and claimed when the lease ends.
	 */
	void unknown(Outcome outcome) {
		Execution execution = outcome.execution();
		execution.settle();
		this.holdings.remove(execution);
		this.losses.commitUnknown(execution.id());
		this.events.finished(execution.taskType(), outcome.step(), StepOutcome.LOST, outcome.took());
	}

}
