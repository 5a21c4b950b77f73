package io.pgtask.store;

import java.time.Duration;
import java.util.UUID;
import java.util.function.BiFunction;

/**
 * A transition of each kind, under a claim of the test.
 */
enum TransitionKind {

	FINISH(Transition.Finish::new),

	ADVANCE((id, token) -> new Transition.Advance(id, token, TransitionKind.NEXT)),

	DELAY((id, token) -> Transition.Release.next(id, token, TransitionKind.NEXT, Duration.ofHours(1), null)),

	RETRY((id, token) -> Transition.Release.retry(id, token, Duration.ofSeconds(5), null, 2, 2, "no luck")),

	PARK((id, token) -> Transition.Release.park(id, token, 3, 3, "no luck at all")),

	GIVE_BACK(Transition.GiveBack::new);

	static final UUID TOKEN = UUID.randomUUID();

	static final String NEXT = """
			{"Greeter":{"SayHello":{"name":"Fritz"}}}""";

	private final BiFunction<UUID, UUID, Transition> transition;

	TransitionKind(BiFunction<UUID, UUID, Transition> transition) {
		this.transition = transition;
	}

	Transition of(UUID id) {
		return this.transition.apply(id, TOKEN);
	}

}
