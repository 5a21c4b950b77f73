package io.pgtask.model;

import java.util.List;
import java.util.function.Function;

import io.pgtask.OnConflict;

/**
 * Actions that mean something only one after the other. They are what most mistakes need
 * to be seen, and too rare where everything is random.
 */
final class Episodes {

	/** A lease is lost in each of them. */
	static final List<Function<ActionGenerator, List<Action>>> OF_LEASES = List.of(Episodes::overtaken, Episodes::lost);

	static final List<Function<ActionGenerator, List<Action>>> OTHERS = List.of(Episodes::goneOn,
			Episodes::putOffTooOften, Episodes::retriedTooOften, Episodes::resumed, Episodes::paused,
			Episodes::cancelled, Episodes::replaced, Episodes::confirmed);

	/** What leaves something in the row for later. */
	private static final List<Ending> TRACES = List.of(Ending.RETRY, Ending.THROW, Ending.LATER);

	/** What has to take it away. */
	private static final List<Ending> NEXT = List.of(Ending.NOW, Ending.DELAY, Ending.AT);

	private static final List<Ending> FAILURES = List.of(Ending.THROW_FATAL, Ending.FAIL);

	private static final int LEASE_AND_MORE = ExpectedWorker.LEASE + 1;

	private Episodes() {
	}

	/** A worker stands still, and goes on when others have its tasks. */
	private static List<Action> overtaken(ActionGenerator some) {
		int other = some.pick();
		return List.of(claim(Play.STANDING_STILL), run(Play.STANDING_STILL, some, some.ending()),
				run(Play.STANDING_STILL, some, some.ending()), new Action.Pass(LEASE_AND_MORE), claim(other),
				some.oneOf(List.of(new Action.Save(Play.STANDING_STILL), new Action.Renew(Play.STANDING_STILL))));
	}

	/** The same, but nobody has taken them, or an operator has acted on them. */
	private static List<Action> lost(ActionGenerator some) {
		return List.of(claim(Play.STANDING_STILL), run(Play.STANDING_STILL, some, some.ending()),
				run(Play.STANDING_STILL, some, some.ending()), new Action.Pass(LEASE_AND_MORE), some.operate(),
				some.oneOf(List.of(new Action.Save(Play.STANDING_STILL), new Action.Renew(Play.STANDING_STILL))),
				new Action.Save(Play.STANDING_STILL));
	}

	/** A step leaves something behind, and the task goes on to the next one. */
	private static List<Action> goneOn(ActionGenerator some) {
		int worker = some.pick();
		return List.of(claim(worker), run(worker, some, some.oneOf(TRACES)), run(worker, some, some.oneOf(TRACES)),
				new Action.Save(worker), new Action.Pass(Ending.HOURS), claim(worker),
				run(worker, some, some.oneOf(NEXT)), run(worker, some, some.oneOf(NEXT)),
				run(worker, some, some.oneOf(NEXT)), new Action.Save(worker));
	}

	private static List<Action> putOffTooOften(ActionGenerator some) {
		return again(some, Ending.LATER);
	}

	private static List<Action> retriedTooOften(ActionGenerator some) {
		return again(some, Ending.THROW);
	}

	/** A worker does the same to all it has, again and again. */
	private static List<Action> again(ActionGenerator some, Ending ending) {
		int worker = some.pick();
		Action.Pass pass = new Action.Pass(Ending.HOURS);
		Action.Save save = new Action.Save(worker);
		return List.of(claim(worker), run(worker, some, ending), run(worker, some, ending), save, pass, claim(worker),
				run(worker, some, ending), run(worker, some, ending), save, pass, claim(worker),
				run(worker, some, ending), run(worker, some, ending), save);
	}

	/** A task is parked and resumed, beside others that are due. */
	private static List<Action> resumed(ActionGenerator some) {
		int worker = some.pick();
		return List.of(claim(worker), run(worker, some, some.oneOf(TRACES)), run(worker, some, some.oneOf(FAILURES)),
				new Action.Save(worker), some.enqueue(), claim(worker),
				new Action.Operate(some.oneOf(List.of(Operation.RETRY, Operation.RESUME, Operation.RETRY_BY_SQL)),
						some.pick()),
				claim(some.pick()));
	}

	private static List<Action> paused(ActionGenerator some) {
		int worker = some.pick();
		TaskKind kind = some.type();
		return List.of(claim(worker), new Action.RunAndHear(worker, some.pick(), Ending.NOW, true),
				new Action.Pause(kind), some.oneOf(List.of(new Action.Hear(worker), claim(worker))),
				new Action.Save(worker), new Action.Resume(kind));
	}

	/** An operator asks for the end of what a worker has. */
	private static List<Action> cancelled(ActionGenerator some) {
		int worker = some.pick();
		return List.of(claim(worker), new Action.Operate(Operation.CANCEL, some.pick()),
				new Action.RunAndHear(worker, some.pick(), some.ending(), false), run(worker, some, some.ending()),
				some.oneOf(List.of(new Action.Save(worker), new Action.Crash(worker))), new Action.Pass(LEASE_AND_MORE),
				claim(some.pick()));
	}

	/** A task with a key gets a successor, whatever has become of it. */
	private static List<Action> replaced(ActionGenerator some) {
		int worker = some.pick();
		String key = some.key();
		return List.of(some.enqueueKeyed(key, OnConflict.KEEP), claim(worker),
				new Action.Operate(Operation.CANCEL, some.pick()), run(worker, some, some.ending()),
				some.oneOf(List.of(new Action.Save(worker), new Action.Crash(worker))),
				new Action.Pass(some.oneOf(List.of(1, LEASE_AND_MORE))), some.enqueueKeyed(key, OnConflict.REPLACE),
				claim(some.pick()));
	}

	/** A task is reserved, and confirmed in time or not. */
	private static List<Action> confirmed(ActionGenerator some) {
		return List.of(some.reserve(), some.operate(), new Action.Pass(some.oneOf(List.of(1, LEASE_AND_MORE))),
				some.oneOf(List.of(claim(some.pick()), some.enqueue())), new Action.Confirm(some.pick()),
				claim(some.pick()));
	}

	private static Action claim(int worker) {
		return new Action.Claim(worker, Play.ALL);
	}

	private static Action run(int worker, ActionGenerator some, Ending ending) {
		return new Action.Run(worker, some.pick(), ending);
	}

}
