package io.pgtask.model;

import java.util.ArrayList;
import java.util.Collection;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;

import io.pgtask.TaskOutcome;
import io.pgtask.store.ClaimedTask;
import org.jspecify.annotations.Nullable;

/**
 * What a worker should do to the table, and know of it.
 */
final class ExpectedWorker {

	/** In hours. */
	static final int LEASE = 6;

	private final ExpectedTable table;

	private final ExpectedSteps steps;

	private final boolean seesTimePass;

	private final List<ExpectedExecution> executions = new ArrayList<>();

	private final Set<TaskKind> knownToBePaused = EnumSet.noneOf(TaskKind.class);

	/**
	 * Create a worker.
	 * @param seesTimePass whether its own clock goes on, and not that of the database
	 * alone
	 */
	ExpectedWorker(ExpectedTable table, ExpectedSteps steps, boolean seesTimePass) {
		this.table = table;
		this.steps = steps;
		this.seesTimePass = seesTimePass;
	}

	/** Look for work: what could be claimed now? */
	List<ExpectedTask> look() {
		learnPauses();
		for (ExpectedTask garbage : this.table.matching((task) -> task.kind == TaskKind.GARBAGE && isDue(task))) {
			garbage.errored = true;
			garbage.parked = true;
			garbage.due = this.table.now();
		}
		return this.table.matching((task) -> isDue(task) && !this.knownToBePaused.contains(task.kind));
	}

	private boolean isDue(ExpectedTask task) {
		return task.isDue(this.table.now());
	}

	/** Take on what was claimed. */
	void claimed(Collection<ClaimedTask> claimed) {
		for (ClaimedTask each : claimed) {
			ExpectedTask task = this.table.find(each.id());
			if (task == null) {
				throw new AssertionError("The task " + each.id() + " was claimed but has ended");
			}
			task.claim(each.token(), leaseEnd());
			this.executions.add(new ExpectedExecution(task, each.token(), this.table.now(), leaseEnd()));
		}
	}

	List<ExpectedExecution> waiting() {
		return this.executions.stream().filter(ExpectedExecution::isWaiting).toList();
	}

	boolean isWaitingToRun() {
		return !waiting().isEmpty();
	}

	boolean isWaitingToSave() {
		return waiting().size() < this.executions.size();
	}

	boolean isBusy() {
		return !this.executions.isEmpty();
	}

	/**
	 * Run a step.
	 * @param inTime whether the next step may start at once; a worker that took long for
	 * this one may have it wait
	 */
	void run(ExpectedExecution execution, Ending ending, boolean inTime) {
		ExpectedOutcome outcome = this.steps.run(execution, ending, this.knownToBePaused);
		execution.outcome = (outcome instanceof ExpectedOutcome.Advance && !inTime) ? new ExpectedOutcome.Next(0)
				: outcome;
	}

	/** Save all outcomes. */
	void save() {
		for (ExpectedExecution execution : List.copyOf(this.executions)) {
			ExpectedOutcome outcome = execution.outcome;
			if (outcome != null && !save(execution, outcome)) {
				this.executions.remove(execution);
			}
		}
	}

	/** Returns whether the claim goes on. */
	private boolean save(ExpectedExecution execution, ExpectedOutcome outcome) {
		ExpectedTask task = held(execution);
		if (task == null) {
			return false;
		}
		if (outcome instanceof ExpectedOutcome.End done) {
			this.table.end(task, done.outcome());
			return false;
		}
		int delivery = task.delivery;
		outcome.save(task, this.table.now());
		if (task.cancelRequested) {
			// Its last claim counts, whatever its outcome would have made of it.
			task.delivery = outcome.entersNextStep() ? task.delivery : delivery;
			this.table.end(task, TaskOutcome.CANCELLED);
			return false;
		}
		if (!(outcome instanceof ExpectedOutcome.Advance)) {
			return false;
		}
		execution.advance();
		giveBackIf(this.knownToBePaused.contains(execution.kind), execution);
		return true;
	}

	/** The row of an execution, if the worker still has it. */
	private @Nullable ExpectedTask held(ExpectedExecution execution) {
		ExpectedTask task = this.table.find(execution.id);
		boolean held = task != null && !task.errored && execution.token.equals(task.token)
				&& task.isLeased(this.table.now());
		return held ? task : null;
	}

	/** Renew all leases. */
	void renew() {
		for (ExpectedExecution execution : List.copyOf(this.executions)) {
			ExpectedTask task = held(execution);
			if (task != null) {
				task.leaseEnd = leaseEnd();
				execution.leaseEnd = leaseEnd();
			}
			else if (execution.isWaiting()) {
				this.executions.remove(execution);
			}
		}
	}

	/** Look what operators ask for. */
	void hear() {
		learnPauses();
		for (ExpectedExecution execution : List.copyOf(this.executions)) {
			ExpectedTask task = this.table.find(execution.id);
			boolean asked = task != null && task.cancelRequested && execution.token.equals(task.token);
			execution.cancelHeard |= asked && execution.running;
			giveBackIf(asked && execution.isWaiting(), execution);
		}
	}

	private void learnPauses() {
		this.knownToBePaused.clear();
		this.knownToBePaused.addAll(this.table.paused());
		waiting().forEach((execution) -> giveBackIf(this.knownToBePaused.contains(execution.kind), execution));
	}

	/** Give back what waits. */
	void giveBack() {
		waiting().forEach((execution) -> giveBackIf(true, execution));
	}

	private static void giveBackIf(boolean asked, ExpectedExecution execution) {
		if (asked) {
			execution.outcome = new ExpectedOutcome.GiveBack();
		}
	}

	/** Time has passed: a worker that knows it lets go of what is no longer its own. */
	void pass() {
		if (this.seesTimePass) {
			this.executions.removeIf((execution) -> execution.isWaiting() && execution.leaseEnd <= this.table.now());
		}
	}

	private long leaseEnd() {
		return this.table.now() + LEASE;
	}

}
