package io.pgtask.model;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

import io.pgtask.TaskAdmin.ActionResult;
import io.pgtask.store.ClaimedTask;
import io.pgtask.worker.SteppedWorker;
import org.jspecify.annotations.Nullable;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * One sequence of actions, played to the model and to the real table at the same time.
 */
final class Play implements AutoCloseable {

	static final int WORKERS = 3;

	/**
	 * More than all tasks of a sequence, also if a type of a priority gets but a part.
	 */
	static final int ALL = 1000;

	/** A worker whose process stands still while time passes. */
	static final int STANDING_STILL = WORKERS - 1;

	/** Longer than anything takes. */
	private static final int LONG = 100;

	/** Of what is left at the end every task needs fewer. */
	private static final int ROUNDS = 4;

	private final TableMode mode;

	private final Scene scene;

	private final ExpectedTable table = new ExpectedTable();

	private final Comparison comparison;

	private final ExpectedClient client = new ExpectedClient(this.table);

	private final ExpectedAdmin admin;

	private final List<ExpectedWorker> expected = new ArrayList<>();

	private final List<SteppedWorker> workers = new ArrayList<>();

	Play(Scene scene, TableMode mode) {
		this.mode = mode;
		this.admin = new ExpectedAdmin(this.table, mode == TableMode.SHARED_WITH_RUST);
		this.scene = scene;
		this.comparison = new Comparison(scene.reader(), this.table);
		scene.clear();
		for (int i = 0; i < WORKERS; i++) {
			this.workers.add(scene.newWorker());
			this.expected.add(newExpected(i));
		}
	}

	private ExpectedWorker newExpected(int worker) {
		return new ExpectedWorker(this.table, new ExpectedSteps(this.mode.recordsEnds()), worker != STANDING_STILL);
	}

	/** Plays the actions one after the other, and whatever it takes to end all tasks. */
	void play(List<Action> actions) throws Exception {
		for (Action action : actions) {
			action.play(this);
			this.comparison.compare(this.expected, this.workers);
		}
		end();
	}

	/** Lets a worker do something, one that has a reason to if there is any. */
	void work(int pick, Predicate<ExpectedWorker> reason, Work work) throws Exception {
		int worker = pick(pick, reason);
		work.act(this.expected.get(worker), this.workers.get(worker));
	}

	private int pick(int pick, Predicate<ExpectedWorker> reason) {
		List<Integer> candidates = IntStream.range(pick, pick + WORKERS)
			.mapToObj((number) -> number % WORKERS)
			.filter((worker) -> reason.test(this.expected.get(worker)))
			.toList();
		return candidates.isEmpty() ? pick % WORKERS : candidates.get(0);
	}

	void enqueue(Wish wish) {
		boolean impossible = wish.isReserved() && this.mode == TableMode.SHARED_WITH_RUST;
		if (impossible || this.client.hasToWait(wish)) {
			return;
		}
		UUID id = UUID.randomUUID();
		UUID expected = this.client.enqueue(id, wish);
		assertThat(this.scene.enqueue(id, wish)).as("the id of %s", wish).isEqualTo(expected);
	}

	void confirm(int pick) {
		List<ExpectedTask> reserved = this.table.matching((task) -> task.reserved);
		UUID id = reserved.isEmpty() ? anyone(pick) : reserved.get(pick % reserved.size()).id;
		if (id != null) {
			boolean expected = this.client.confirm(id);
			assertThat(this.scene.confirm(id)).as("whether %s is confirmed", id).isEqualTo(expected);
		}
	}

	void claim(int pick, int places) throws Exception {
		int worker = pick % WORKERS;
		Set<UUID> claimable = this.expected.get(worker)
			.look()
			.stream()
			.map((task) -> task.id)
			.collect(Collectors.toSet());
		List<ClaimedTask> claimed = this.workers.get(worker).claim(places);
		List<UUID> ids = claimed.stream().map(ClaimedTask::id).toList();
		if (places == ALL) {
			assertThat(ids).as("claimed").containsExactlyInAnyOrderElementsOf(claimable);
		}
		else {
			assertThat(claimable).as("claimable").containsAll(ids);
			assertThat(ids.size()).as("number of claimed tasks, of which %s are claimable", claimable)
				.isLessThanOrEqualTo(places)
				.isGreaterThanOrEqualTo(Math.min(1, claimable.size()));
		}
		this.expected.get(worker).claimed(claimed);
	}

	void run(int workerPick, int pick, Ending ending) {
		int worker = pick(workerPick, ExpectedWorker::isWaitingToRun);
		ExpectedExecution execution = waiting(worker, pick);
		if (execution != null) {
			run(worker, execution, ending);
		}
	}

	void runAndHear(int workerPick, int pick, Ending ending, boolean pause) {
		int worker = pick(workerPick, ExpectedWorker::isWaitingToRun);
		ExpectedExecution execution = waiting(worker, pick);
		if (execution != null) {
			this.scene.meanwhile(() -> {
				execution.running = true;
				ask(execution, pause);
				this.expected.get(worker).hear();
				this.workers.get(worker).hear();
				return null;
			});
			run(worker, execution, ending);
			this.scene.meanwhile(Scene.NOTHING);
			execution.running = false;
		}
	}

	private void ask(ExpectedExecution execution, boolean pause) {
		if (!pause) {
			operate(Operation.CANCEL, execution.id);
		}
		else if (!this.table.paused().contains(execution.kind)) {
			pause(execution.kind);
		}
	}

	private @Nullable ExpectedExecution waiting(int worker, int pick) {
		List<ExpectedExecution> waiting = this.expected.get(worker).waiting();
		return waiting.isEmpty() ? null : waiting.get(pick % waiting.size());
	}

	private void run(int worker, ExpectedExecution execution, Ending ending) {
		this.scene.nextEnding(ending);
		boolean inTime = this.workers.get(worker).run(execution.id, execution.token);
		this.expected.get(worker).run(execution, ending, inTime);
	}

	/** Rust workers take any type, and know nothing of pauses. */
	void runByRust(int pick, RustOutcome outcome) {
		List<ExpectedTask> due = this.table
			.matching((task) -> task.isDue(this.table.now()) && task.kind != TaskKind.GARBAGE);
		if (this.mode == TableMode.SHARED_WITH_RUST && !due.isEmpty()) {
			ExpectedTask task = due.get(pick % due.size());
			this.scene.runByRust(task.id, outcome, task.kind.text(task.at + 1));
			outcome.save(task, this.table.now());
			task.token = null;
		}
	}

	void crash(int pick) {
		replaceWorker(pick(pick, ExpectedWorker::isBusy));
	}

	private void replaceWorker(int worker) {
		this.workers.set(worker, this.scene.newWorker()).close();
		this.expected.set(worker, newExpected(worker));
	}

	void pass(int hours) {
		this.table.pass(hours);
		this.scene.pass(hours);
		for (int i = 0; i < WORKERS; i++) {
			this.expected.get(i).pass();
			if (i != STANDING_STILL) {
				this.workers.get(i).pass(Duration.ofHours(hours));
			}
		}
	}

	void operate(Operation operation, int pick) {
		List<ExpectedTask> meant = this.table.matching((task) -> isMeant(operation, task));
		UUID id = (meant.isEmpty() || pick % 8 == 0) ? anyone(pick) : meant.get(pick % meant.size()).id;
		if (id != null) {
			operate(operation, id);
		}
	}

	private boolean isMeant(Operation operation, ExpectedTask task) {
		return operation.isForErrors() ? task.errored : operation.isForRunning() && task.isLeased(this.table.now());
	}

	private void operate(Operation operation, UUID id) {
		ExpectedTask task = this.table.find(id);
		TaskKind kind = (task != null) ? task.kind : TaskKind.ERRAND;
		if (operation == Operation.RESUME && kind == TaskKind.GARBAGE) {
			return;
		}
		int next = (task != null) ? task.at + 1 : 0;
		ActionResult expected = this.admin.operate(operation, id);
		assertThat(this.scene.operate(operation, id, kind, next)).as("%s of %s", operation, id).isEqualTo(expected);
	}

	void pause(TaskKind kind) {
		ActionResult expected = this.table.paused().add(kind) ? ActionResult.DONE : ActionResult.NOT_APPLICABLE;
		assertThat(this.scene.pause(kind)).as("the pause of %s", kind).isEqualTo(expected);
	}

	void resume(TaskKind kind) {
		ActionResult expected = this.table.paused().remove(kind) ? ActionResult.DONE : ActionResult.NOT_APPLICABLE;
		assertThat(this.scene.resume(kind)).as("the end of the pause of %s", kind).isEqualTo(expected);
	}

	/** Any task, now and then one that has ended. */
	private @Nullable UUID anyone(int pick) {
		List<UUID> ids = (pick % 8 == 0 || this.table.tasks().isEmpty()) ? this.table.ids()
				: this.table.tasks().stream().map((task) -> task.id).toList();
		return ids.isEmpty() ? null : ids.get(pick % ids.size());
	}

	/**
	 * A task that anybody sees can be ended: those that are parked by an operator, and
	 * all others by a worker.
	 */
	private void end() throws Exception {
		replaceWorker(0);
		List.copyOf(this.table.paused()).forEach(this::resume);
		for (int round = 0; round < ROUNDS && !this.table.tasks().isEmpty(); round++) {
			for (ExpectedTask errored : this.table.matching((task) -> task.errored)) {
				operate((errored.kind == TaskKind.GARBAGE) ? Operation.DELETE : Operation.RETRY, errored.id);
			}
			pass(LONG);
			claim(0, ALL);
			for (ExpectedExecution execution : this.expected.get(0).waiting()) {
				run(0, execution, Ending.DONE);
			}
			this.expected.get(0).save();
			this.workers.get(0).save();
			this.comparison.compare(this.expected, this.workers);
		}
		this.comparison.compareEnds(this.mode);
	}

	@Override
	public void close() {
		this.workers.forEach(SteppedWorker::close);
	}

	/** What a worker does, and what that should be. */
	@FunctionalInterface
	interface Work {

		void act(ExpectedWorker expected, SteppedWorker worker) throws Exception;

	}

}
