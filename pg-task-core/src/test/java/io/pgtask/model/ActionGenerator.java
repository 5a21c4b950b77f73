package io.pgtask.model;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.function.Function;

import io.pgtask.OnConflict;
import org.jspecify.annotations.Nullable;

/**
 * Makes random sequences of actions. The same seed makes the same sequence. Each of them
 * knows only some of what can happen, and some of that often: a sequence in which
 * everything happens now and then seldom gets deep into anything.
 */
final class ActionGenerator {

	private static final List<TaskKind> TYPES = List.of(TaskKind.ERRAND, TaskKind.PARCEL);

	private static final List<Integer> PRIORITIES = List.of(4, 4, 4, 9);

	/** Mostly less than a lease, or hardly any outcome would come in time. */
	private static final List<Integer> PASSES = List.of(1, 1, 2, 2, 3, ExpectedWorker.LEASE + 1);

	private static final List<String> KEYS = List.of("a", "b");

	/** How often there is an episode of each kind, as a weight. */
	private static final int EPISODES = 4;

	/** The first numbers of neighbouring seeds would be alike. */
	private static final long SPREAD = 0x9E3779B97F4A7C15L;

	private final Random random;

	private final List<Ending> endings;

	private final List<Operation> operations;

	private final List<Function<ActionGenerator, List<Action>>> choices = new ArrayList<>();

	private ActionGenerator(long seed) {
		this.random = new Random(SPREAD * seed);
		this.endings = some(List.of(Ending.values()), 2);
		this.operations = some(List.of(Operation.values()), 2);
		always(5, ActionGenerator::enqueue);
		always(8, (some) -> new Action.Claim(some.pick(), some.oneOf(List.of(1, 2, Play.ALL, Play.ALL))));
		always(4, (some) -> new Action.Run(some.pick(), some.pick(), Ending.NOW));
		always(10, (some) -> new Action.Run(some.pick(), some.pick(), some.ending()));
		always(12, (some) -> new Action.Save(some.pick()));
		always(7, (some) -> new Action.Pass(some.oneOf(PASSES)));
		sometimes(5, ActionGenerator::enqueueKeyed);
		sometimes(3, (some) -> new Action.Renew(some.pick()));
		sometimes(3, (some) -> new Action.Hear(some.pick()));
		sometimes(2, (some) -> new Action.GiveBack(some.pick()));
		sometimes(3, (some) -> new Action.Crash(some.pick()));
		sometimes(8, ActionGenerator::operate);
		sometimes(2, (some) -> new Action.Pause(some.type()));
		sometimes(2, (some) -> new Action.Resume(some.type()));
		sometimes(3, (some) -> new Action.Confirm(some.pick()));
		sometimes(4, (some) -> new Action.RunByRust(some.pick(), some.oneOf(List.of(RustOutcome.values()))));
		sometimes(4, (some) -> new Action.RunAndHear(some.pick(), some.pick(), some.ending(), some.chance(3)));
		episode(oneOf(Episodes.OF_LEASES));
		some(Episodes.OTHERS, 2).forEach(this::episode);
	}

	/** Some of what there is: at least so many, at most two more. */
	private <T> List<T> some(List<T> all, int least) {
		List<T> shuffled = new ArrayList<>(all);
		Collections.shuffle(shuffled, this.random);
		return shuffled.subList(0, least + this.random.nextInt(3));
	}

	private void sometimes(int weight, Function<ActionGenerator, Action> choice) {
		always(weight * oneOf(List.of(0, 1, 3)), choice);
	}

	private void always(int weight, Function<ActionGenerator, Action> choice) {
		this.choices.addAll(Collections.nCopies(weight, (some) -> List.of(choice.apply(some))));
	}

	private void episode(Function<ActionGenerator, List<Action>> episode) {
		this.choices.addAll(Collections.nCopies(EPISODES, episode));
	}

	/** Makes a sequence, another one for each mode. */
	static List<Action> sequence(TableMode mode, int seed, int length) {
		ActionGenerator generator = new ActionGenerator(Objects.hash(mode.name(), seed));
		List<Action> actions = new ArrayList<>();
		while (actions.size() < length) {
			actions.addAll(generator.oneOf(generator.choices).apply(generator));
		}
		return actions.subList(0, length);
	}

	Action enqueue() {
		boolean garbage = chance(12);
		return garbage ? new Action.Enqueue(wish(TaskKind.GARBAGE, 0, 0, null, OnConflict.KEEP, 0))
				: new Action.Enqueue(wish(oneOf(TYPES), null, OnConflict.KEEP, chance(6) ? hours() : 0));
	}

	Action enqueueKeyed(String key, OnConflict onConflict) {
		return new Action.Enqueue(wish(TaskKind.ERRAND, key, onConflict, 0));
	}

	Action reserve() {
		return new Action.Enqueue(wish(type(), chance(2) ? key() : null, OnConflict.KEEP, hours()));
	}

	private Action enqueueKeyed() {
		boolean reserved = chance(4);
		OnConflict onConflict = reserved ? oneOf(List.of(OnConflict.KEEP, OnConflict.REJECT))
				: oneOf(List.of(OnConflict.values()));
		return new Action.Enqueue(wish(TaskKind.ERRAND, key(), onConflict, reserved ? hours() : 0));
	}

	private Wish wish(TaskKind kind, @Nullable String key, OnConflict onConflict, int reservedFor) {
		return wish(kind, chance(3) ? hours() : 0, chance(3) ? hours() : 0, key, onConflict, reservedFor);
	}

	private Wish wish(TaskKind kind, int delay, int deadline, @Nullable String key, OnConflict onConflict,
			int reservedFor) {
		int priority = (kind == TaskKind.GARBAGE) ? 4 : oneOf(PRIORITIES);
		return new Wish(kind, 10 * this.random.nextInt(10), delay, deadline, priority, key, onConflict, reservedFor);
	}

	Action operate() {
		return new Action.Operate(oneOf(this.operations), pick());
	}

	Ending ending() {
		return oneOf(this.endings);
	}

	TaskKind type() {
		return oneOf(TYPES);
	}

	String key() {
		return oneOf(KEYS);
	}

	int pick() {
		return this.random.nextInt(1000);
	}

	private int hours() {
		return 1 + this.random.nextInt(8);
	}

	private boolean chance(int oneIn) {
		return this.random.nextInt(oneIn) == 0;
	}

	<T> T oneOf(List<T> choices) {
		return choices.get(this.random.nextInt(choices.size()));
	}

}
