package io.pgtask.faults;

import java.util.Map;

/**
 * A way to break the engine, which the suite has to notice: the scenario in which it does
 * and the promises of which one is found broken. Most are made in the engine's SQL on its
 * way to the database.
 */
enum Mutation {

	NONE(Scenario.KILL_1, Map.of()),

	NO_FENCE(Scenario.PAUSE,
			Map.of("AND t.locked_by = o.token", "", "AND t.locked_by = ?", "AND ? IS NOT NULL",
					"AND t.lock_expires_at > statement_timestamp()", ""),
			Invariant.I2, Invariant.I3, Invariant.I5),

	ASYNCHRONOUS_COMMIT(Scenario.CRASH,
			Map.of("set_config('lock_timeout', '500ms', true)",
					"set_config('lock_timeout', '500ms', true), set_config('synchronous_commit', 'off', true)"),
			Invariant.I2, Invariant.I4, Invariant.I5),

	/** The process ends without stopping its worker. */
	NO_GIVE_BACK(Scenario.ROLLING, Map.of(), Invariant.STOP),

	NO_DELIVERY_COUNT(Scenario.POISON,
			Map.of("LEAST(t.delivery, 2147483646) + 1 ELSE 1 END", "LEAST(t.delivery, 0) + 1 ELSE 1 END"),
			Invariant.POISON),

	NO_SWEEP(Scenario.ADMIN, Map.of(">= '-infinity'", ">= statement_timestamp() - interval '1 s'"), Invariant.I2),

	/** A commit returns before it is made, which the next call of the connection does. */
	EAGER_NEXT_STEP(Scenario.KILL_1, Map.of(), Invariant.I2, Invariant.I4, Invariant.I5);

	private final Scenario scenario;

	private final Map<String, String> replacements;

	private final Invariant[] broken;

	Mutation(Scenario scenario, Map<String, String> replacements, Invariant... broken) {
		this.scenario = scenario;
		this.replacements = replacements;
		this.broken = broken;
	}

	Scenario scenario() {
		return this.scenario;
	}

	/** The promises of which at least one has to be found broken. */
	Invariant[] broken() {
		return this.broken.clone();
	}

	String mutate(String sql) {
		String mutated = sql;
		for (Map.Entry<String, String> replacement : this.replacements.entrySet()) {
			mutated = mutated.replace(replacement.getKey(), replacement.getValue());
		}
		return mutated;
	}

}
