package io.pgtask.model;

/**
 * Something that happens. Each does the same to the model as to the real table, and
 * compares the answers. Which task or worker it happens to is a number that is taken
 * modulo how many there are, so that any sequence of actions can be played, also one that
 * lacks some of those it was made with.
 */
sealed interface Action {

	void play(Play play) throws Exception;

	/** Somebody enqueues or reserves a task. */
	record Enqueue(Wish wish) implements Action {

		@Override
		public void play(Play play) {
			play.enqueue(this.wish);
		}

	}

	/** Somebody confirms a reservation. */
	record Confirm(int pick) implements Action {

		@Override
		public void play(Play play) {
			play.confirm(this.pick);
		}

	}

	/**
	 * A worker looks for work.
	 *
	 * @param places how many tasks it takes at most
	 */
	record Claim(int worker, int places) implements Action {

		@Override
		public void play(Play play) throws Exception {
			play.claim(this.worker, this.places);
		}

	}

	/** A worker runs a step. */
	record Run(int worker, int pick, Ending ending) implements Action {

		@Override
		public void play(Play play) {
			play.run(this.worker, this.pick, this.ending);
		}

	}

	/**
	 * A worker runs a step, and hears meanwhile that an operator wants its task to end,
	 * or pauses its type.
	 */
	record RunAndHear(int worker, int pick, Ending ending, boolean pause) implements Action {

		@Override
		public void play(Play play) {
			play.runAndHear(this.worker, this.pick, this.ending, this.pause);
		}

	}

	/** A worker saves the outcomes of all steps it has run. */
	record Save(int worker) implements Action {

		@Override
		public void play(Play play) throws Exception {
			play.work(this.worker, ExpectedWorker::isWaitingToSave, (expected, worker) -> {
				expected.save();
				worker.save();
			});
		}

	}

	/** A worker renews its leases. */
	record Renew(int worker) implements Action {

		@Override
		public void play(Play play) throws Exception {
			play.work(this.worker, ExpectedWorker::isBusy, (expected, worker) -> {
				expected.renew();
				worker.renew();
			});
		}

	}

	/** A worker looks what operators ask for. */
	record Hear(int worker) implements Action {

		@Override
		public void play(Play play) throws Exception {
			play.work(this.worker, ExpectedWorker::isBusy, (expected, worker) -> {
				expected.hear();
				worker.hear();
			});
		}

	}

	/** A worker stops as it should, but for saving what it gives back. */
	record GiveBack(int worker) implements Action {

		@Override
		public void play(Play play) throws Exception {
			play.work(this.worker, ExpectedWorker::isWaitingToRun, (expected, worker) -> {
				expected.giveBack();
				worker.giveBack();
			});
		}

	}

	/** A worker's process is killed, and another one starts. */
	record Crash(int worker) implements Action {

		@Override
		public void play(Play play) {
			play.crash(this.worker);
		}

	}

	/** Time passes. */
	record Pass(int hours) implements Action {

		@Override
		public void play(Play play) {
			play.pass(this.hours);
		}

	}

	/** An operator acts on a task. */
	record Operate(Operation operation, int pick) implements Action {

		@Override
		public void play(Play play) {
			play.operate(this.operation, this.pick);
		}

	}

	/** An operator pauses a type. */
	record Pause(TaskKind kind) implements Action {

		@Override
		public void play(Play play) {
			play.pause(this.kind);
		}

	}

	/** An operator resumes a type. */
	record Resume(TaskKind kind) implements Action {

		@Override
		public void play(Play play) {
			play.resume(this.kind);
		}

	}

	/** A Rust worker that shares the table runs a step. */
	record RunByRust(int pick, RustOutcome outcome) implements Action {

		@Override
		public void play(Play play) {
			play.runByRust(this.pick, this.outcome);
		}

	}

}
