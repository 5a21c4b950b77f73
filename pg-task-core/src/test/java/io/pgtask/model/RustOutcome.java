package io.pgtask.model;

/**
 * What a worker of the Rust library does to a task it has claimed: the statement, and
 * what should become of the row, of which it knows but half of the columns.
 */
enum RustOutcome {

	/** The next step is due at once. */
	NEXT("tried = 0, step = :step, wakeup_at = now()") {
		@Override
		void save(ExpectedTask task, long now) {
			task.at++;
			task.due = now;
			task.tried = 0;
			task.delivery = 0;
			task.postponed = 0;
			task.parked = false;
			task.deadline = null;
			task.forgetFailures();
		}
	},

	/** The attempt has failed. */
	RETRY("tried = tried + 1, wakeup_at = now() + interval '" + Ending.HOURS + " hours'") {
		@Override
		void save(ExpectedTask task, long now) {
			task.due = now + Ending.HOURS;
			task.tried++;
		}
	},

	/** The last attempt has failed. */
	FAIL("tried = tried + 1, error = 'failed in Rust', wakeup_at = now()") {
		@Override
		void save(ExpectedTask task, long now) {
			task.due = now;
			task.tried++;
			task.errored = true;
			task.parked = true;
			task.deadline = null;
		}
	};

	private final String assignments;

	RustOutcome(String assignments) {
		this.assignments = assignments;
	}

	/** The statement that a Rust worker saves it by. */
	String sql() {
		return "UPDATE {table} SET " + this.assignments
				+ ", locked_by = NULL, lock_expires_at = NULL WHERE id = :id AND lock_expires_at > now()";
	}

	/** Change the row as it should be. */
	abstract void save(ExpectedTask task, long now);

}
