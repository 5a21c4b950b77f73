package io.pgtask.store;

import java.util.ArrayList;
import java.util.Collection;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;

import io.pgtask.TaskAdmin.ActionResult;
import io.pgtask.TaskAdmin.ActionSummary;

/**
 * What has become of the tasks of an action so far.
 */
final class ActionTally {

	private final Map<ActionResult, Long> counts = new EnumMap<>(ActionResult.class);

	private List<UUID> locked = new ArrayList<>();

	void add(ActionResult result) {
		this.counts.merge(result, 1L, Long::sum);
	}

	/** Somebody had locked the row of a task. */
	void addLocked(UUID id) {
		this.locked.add(id);
	}

	/** Take the tasks of which nothing has become yet. */
	List<UUID> takeLocked() {
		List<UUID> taken = this.locked;
		this.locked = new ArrayList<>();
		return taken;
	}

	/** Whoever has locked these tasks has them. */
	void giveUp(Collection<UUID> ids) {
		ids.forEach((id) -> add(ActionResult.RUNNING));
	}

	/** The result of an action on one task. */
	ActionResult single() {
		return this.counts.keySet().iterator().next();
	}

	ActionSummary summary() {
		return new ActionSummary(count(ActionResult.DONE), count(ActionResult.REQUESTED), count(ActionResult.RUNNING),
				count(ActionResult.NOT_APPLICABLE), count(ActionResult.NOT_FOUND));
	}

	private long count(ActionResult result) {
		return this.counts.getOrDefault(result, 0L);
	}

}
