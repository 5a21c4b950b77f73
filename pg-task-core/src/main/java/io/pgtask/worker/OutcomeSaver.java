package io.pgtask.worker;

import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

import io.pgtask.store.Failures;
import io.pgtask.store.HeldConnection;
import io.pgtask.store.Transition;
import io.pgtask.store.TransitionStatements;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Saves batches of outcomes on one connection. No outcome is given up while its lease
 * lives, and one that the database refuses never takes others with it. Used by one
 * thread.
 */
final class OutcomeSaver {

	private static final Logger logger = LoggerFactory.getLogger(OutcomeSaver.class);

	private final HeldConnection connection;

	private final OutcomeBatches batches;

	private final OutcomeQueue queue;

	private final Settlement settlement;

	private final Outage outage;

	private final PostponedOutcomes postponed;

	private final Runnable onRecovered;

	private volatile boolean abandoned;

	/**
	 * Create a saver.
	 * @param name what logs call it
	 * @param queue is told what needs no saving any more
	 * @param postponed takes what has to be tried again
	 * @param onRecovered called when the database answers again
	 */
	OutcomeSaver(String name, HeldConnection connection, TransitionStatements statements, OutcomeQueue queue,
			PostponedOutcomes postponed, Settlement settlement, Runnable onRecovered) {
		this.connection = connection;
		this.batches = new OutcomeBatches(connection, statements);
		this.queue = queue;
		this.postponed = postponed;
		this.settlement = settlement;
		this.outage = new Outage(name);
		this.onRecovered = onRecovered;
	}

	/**
	 * Have a connection at hand when a step has finished, whoever uses up the pool.
	 * @throws InterruptedException if the thread is interrupted
	 */
	void keepAlive() throws InterruptedException {
		try {
			this.connection.keepAlive();
			succeeded();
		}
		catch (SQLException ex) {
			Thread.sleep(this.outage.failed(ex).toMillis());
		}
	}

	private void succeeded() {
		if (this.outage.succeeded()) {
			this.onRecovered.run();
		}
	}

	/**
	 * Save nothing more; what is not saved will be repeated when its lease ends.
	 */
	void abandon() {
		this.abandoned = true;
	}

	boolean isAbandoned() {
		return this.abandoned;
	}

	Outage outage() {
		return this.outage;
	}

	/**
	 * Save a batch, however long the database is away, and put off what others have
	 * locked.
	 * @throws InterruptedException if the thread is interrupted
	 */
	void save(List<Outcome> batch) throws InterruptedException {
		List<Outcome> open = living(batch);
		while (!open.isEmpty() && !this.abandoned) {
			try {
				settle(open, this.batches.write(open));
				return;
			}
			catch (SQLException ex) {
				if (!Failures.isOutage(ex)) {
					saveInParts(open, ex);
					return;
				}
				pause(open, ex);
				open = living(open);
			}
		}
	}

	/**
	 * Save a batch, or put off all of it if the database is away: whoever tries again may
	 * have a better connection.
	 * @throws SQLException if the database is away
	 * @throws InterruptedException if the thread is interrupted
	 */
	void saveOrPutOff(List<Outcome> batch) throws SQLException, InterruptedException {
		List<Outcome> open = living(batch);
		try {
			settle(open, this.batches.write(open));
		}
		catch (SQLException ex) {
			if (Failures.isOutage(ex)) {
				this.postponed.markUncertain(open);
				this.postponed.add(open);
				throw ex;
			}
			saveInParts(open, ex);
		}
	}

	private void saveInParts(List<Outcome> outcomes, SQLException refusal) throws InterruptedException {
		logger.debug("A batch of {} outcomes is not taken as a whole: {}", outcomes.size(),
				Failures.withoutValues(refusal));
		saveWhatCanBe(outcomes);
	}

	/**
	 * Sort out what can no longer be saved: the lease is over by the monotonic clock, and
	 * so the table would refuse it.
	 */
	private List<Outcome> living(List<Outcome> outcomes) {
		List<Outcome> living = new ArrayList<>(outcomes.size());
		List<Outcome> lost = new ArrayList<>();
		for (Outcome outcome : outcomes) {
			(outcome.execution().lease().isOver() ? lost : living).add(outcome);
		}
		settled(lost, this.settlement::lost);
		return living;
	}

	private void settle(List<Outcome> outcomes, OutcomeBatches.Written written) {
		succeeded();
		List<Outcome> accepted = new ArrayList<>(outcomes.size());
		List<Outcome> refused = new ArrayList<>();
		List<Outcome> locked = new ArrayList<>();
		for (Outcome outcome : outcomes) {
			if (written.isSaved(outcome) || isSavedUnseen(outcome, written)) {
				accepted.add(written.isCancelled(outcome) ? outcome.cancelled() : outcome);
			}
			else if (written.isLocked(outcome)) {
				locked.add(outcome);
			}
			else {
				refused.add(outcome);
			}
		}
		this.postponed.add(locked);
		settled(accepted, this.settlement::saved);
		settled(refused, this.settlement::lost);
	}

	/**
	 * Whether the lost answer to an earlier write was a yes. While a lease lives nobody
	 * but its owner ends the task or releases it; only what keeps the claim is written
	 * again.
	 */
	private boolean isSavedUnseen(Outcome outcome, OutcomeBatches.Written written) {
		if (!this.postponed.isUncertain(outcome) || written.isLocked(outcome)) {
			return false;
		}
		return outcome.transition().endsTask() ? !written.isPresent(outcome) : !outcome.transition().keepsClaim();
	}

	private void settled(List<Outcome> outcomes, Consumer<List<Outcome>> how) {
		this.postponed.settled(outcomes);
		how.accept(outcomes);
		this.queue.settled(outcomes.size());
	}

	/**
	 * Save what nobody else has locked, and put off the rest: a row that an operator
	 * holds in an open transaction must not stop the others.
	 */
	private void saveWhatCanBe(List<Outcome> outcomes) throws InterruptedException {
		try {
			settle(outcomes, this.batches.writeUnlocked(outcomes));
		}
		catch (SQLException ex) {
			if (!putOff(outcomes, ex)) {
				saveEach(outcomes, ex);
			}
		}
	}

	/**
	 * The database refuses one of the outcomes for a reason of its own, for instance a
	 * constraint or a trigger of the user: find out which, and park that task.
	 */
	private void saveEach(List<Outcome> outcomes, SQLException refusal) throws InterruptedException {
		if (outcomes.size() == 1) {
			park(outcomes.get(0), refusal);
			return;
		}
		for (Outcome outcome : outcomes) {
			if (this.outage.trouble() == null) {
				saveWhatCanBe(List.of(outcome));
			}
			else {
				this.postponed.add(List.of(outcome));
			}
		}
	}

	/**
	 * Keep outcomes for later if the failure was not of their making.
	 * @return whether they were put off
	 */
	private boolean putOff(List<Outcome> outcomes, SQLException failure) throws InterruptedException {
		if (Failures.isOutage(failure)) {
			this.postponed.add(outcomes);
			pause(outcomes, failure);
			return true;
		}
		succeeded();
		if (outcomes.size() == 1 && Failures.isPassing(failure)) {
			this.postponed.add(outcomes);
			return true;
		}
		return false;
	}

	/**
	 * Try again to save what was put off.
	 * @throws InterruptedException if the thread is interrupted
	 */
	void savePostponed() throws InterruptedException {
		List<Outcome> again = living(this.postponed.take());
		if (!again.isEmpty()) {
			saveWhatCanBe(again);
		}
	}

	private void pause(List<Outcome> outcomes, SQLException failure) throws InterruptedException {
		this.postponed.markUncertain(outcomes);
		Thread.sleep(this.outage.failed(failure).toMillis());
	}

	private void park(Outcome outcome, SQLException refusal) throws InterruptedException {
		if (outcome.transition() instanceof Transition.Checkpoint) {
			settled(List.of(outcome), (refused) -> this.settlement.refused(outcome, refusal));
			return;
		}
		Execution execution = outcome.execution();
		logger.error("The outcome of task {} is refused by the database, and the task is parked: {}", execution.id(),
				Failures.withoutValues(refusal));
		Transition park = Transition.Release.park(execution.id(), execution.token(), execution.tried() + 1,
				execution.delivery(), "can't save the outcome of the step: " + ErrorText.of(refusal));
		List<Outcome> parked = List
			.of(new Outcome(execution, park, StepOutcome.ERRORED, outcome.step(), outcome.took()));
		try {
			settle(parked, this.batches.writeUnlocked(parked));
		}
		catch (SQLException ex) {
			if (!putOff(parked, ex)) {
				logger.error("Task {} cannot even be parked; it is repeated when its lease ends: {}", execution.id(),
						Failures.withoutValues(ex));
				settled(parked, this.settlement::lost);
			}
		}
	}

}
