package io.pgtask.model;

import java.util.List;
import java.util.stream.Collectors;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import io.pgtask.test.PostgresTest;
import io.pgtask.test.TaskSchema;
import io.pgtask.test.TestDatabase;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.slf4j.LoggerFactory;

import static org.assertj.core.api.Assertions.fail;

/**
 * Plays random sequences of actions to the engine and to a model of it, and compares the
 * whole table after each of them. How to play more of them, or one of them again, is told
 * in CONTRIBUTING.md.
 */
@PostgresTest
class StateMachineModelTests {

	private static final int FIRST_SEED = Integer.getInteger("pgtask.model.seed", 1);

	private static final int SEEDS = Integer.getInteger("pgtask.model.seeds", 20);

	private static final int LENGTH = Integer.getInteger("pgtask.model.length", 80);

	private static final Logger ENGINE = (Logger) LoggerFactory.getLogger("io.pgtask");

	private final TestDatabase database;

	StateMachineModelTests(TestDatabase database) {
		this.database = database;
	}

	/** It would tell of every step that fails, as it is told to. */
	@BeforeAll
	static void quieten() {
		ENGINE.setLevel(Level.OFF);
	}

	@AfterAll
	static void letSpeak() {
		ENGINE.setLevel(null);
	}

	@ParameterizedTest
	@EnumSource(TableMode.class)
	void whateverHappensTheTableIsWhatTheModelSaysAndEveryTaskCanBeEnded(TableMode mode) {
		TaskSchema.create(this.database.dataSource(), mode.table(), mode == TableMode.SHARED_WITH_RUST);
		try (Scene scene = new Scene(this.database.dataSource(), mode.table())) {
			for (int seed = FIRST_SEED; seed < FIRST_SEED + SEEDS; seed++) {
				List<Action> actions = ActionGenerator.sequence(mode, seed, LENGTH);
				if (play(scene, mode, actions) != null) {
					tell(scene, mode, seed, actions);
				}
			}
		}
	}

	private static void tell(Scene scene, TableMode mode, int seed, List<Action> actions) {
		List<Action> shortest = new Shrinker<Action>((shorter) -> play(scene, mode, shorter) != null).shrink(actions);
		fail("%s, -Dpgtask.model.seed=%d -Dpgtask.model.length=%d: it takes no more than%n%s".formatted(mode, seed,
				actions.size(), shortest.stream().map(Action::toString).collect(Collectors.joining("\n"))),
				play(scene, mode, shortest));
	}

	/** Returns why the sequence fails, if it does. */
	private static @Nullable Throwable play(Scene scene, TableMode mode, List<Action> actions) {
		try (Play play = new Play(scene, mode)) {
			play.play(actions);
			return null;
		}
		catch (Exception | AssertionError ex) {
			return ex;
		}
	}

}
