package io.pgtask.faults;

import java.util.ArrayList;
import java.util.List;

/**
 * A history written by hand. Every event happens a millisecond after the one before.
 */
final class Script {

	static final String OTHER = "other";

	private static final long SECOND = 1_000_000;

	private static final long LEASE = SECOND;

	private final List<Event> events = new ArrayList<>();

	private String task = "plain-1";

	private String process = "node";

	private long at;

	Script task(String task) {
		this.task = task;
		return this;
	}

	Script in(String process) {
		this.process = process;
		return this;
	}

	Script enqueued() {
		return enqueued("");
	}

	Script enqueued(String key) {
		return add(Event.Kind.ENQUEUE, "", "", 0, key).add(Event.Kind.ENQUEUED, "", "", 0, "");
	}

	Script rejected() {
		return add(Event.Kind.ENQUEUE, "", "", 0, "").add(Event.Kind.REJECTED, "", "", 0, "");
	}

	Script claimed(String step, String token) {
		return add(Event.Kind.CLAIM, step, token, LEASE, "0");
	}

	Script started(String step) {
		return add(Event.Kind.START, step, "", 0, "").add(Event.Kind.END, step, "", 0, "");
	}

	Script advanced(String step, String token) {
		return add(Event.Kind.ADVANCE, step, token, LEASE, "");
	}

	Script finished(String token) {
		return add(Event.Kind.FINISH, "Third", token, LEASE, "");
	}

	Script released(String step, String token) {
		return add(Event.Kind.RELEASE, step, token, 0, "");
	}

	Script givenBack(String step, String token) {
		return add(Event.Kind.GIVE_BACK, step, token, 0, "");
	}

	Script left(String step, String error) {
		return add(Event.Kind.LEFT, step, "", 0, error);
	}

	/** What is said to be given back still has its lease. */
	Script keptInSpiteOfGiveBack(String step, String token) {
		return add(Event.Kind.GIVE_BACK, step, token, LEASE, "");
	}

	Script byOperator() {
		return add(Event.Kind.OPERATOR, "", "", 0, "");
	}

	/** Somebody parks the task while it is claimed. */
	Script parkedByHand() {
		return add(Event.Kind.OPERATOR, "", "", LEASE, "");
	}

	/** The row is left with a lease that was renewed. */
	Script leftRenewed(String step, String error) {
		return add(Event.Kind.LEFT, step, "", 2 * LEASE, error);
	}

	/** Runs the task from its first step to its end. */
	Script run(String token) {
		return claimed("First", token).started("First")
			.advanced("Second", token)
			.started("Second")
			.advanced("Third", token)
			.started("Third")
			.finished(token);
	}

	/** The process has died, or stood still until its leases were over. */
	Script struck() {
		return add(new Event(Event.Kind.FAULT, this.process, next(), "", "", "", this.at, this.at, "kill", true));
	}

	/** The process has stood still, and goes on. */
	Script stoodStill() {
		return add(new Event(Event.Kind.FAULT, this.process, next(), "", "", "", this.at, this.at, Event.PAUSE, true));
	}

	/** A fault that lasts until everything is over. */
	Script longFault() {
		return add(new Event(Event.Kind.FAULT, this.process, next(), "", "", "", this.at, LEASE, "crash", true));
	}

	/** How many megabytes are live, one value a minute. */
	Script heap(long... megabytes) {
		for (long live : megabytes) {
			this.at += 60 * SECOND;
			add(new Event(Event.Kind.FOOTPRINT, this.process, this.at, "", "", "", 0, 0,
					"heap=" + live * 1_000_000 + " threads=7", true));
		}
		return this;
	}

	Script stopped() {
		return add(new Event(Event.Kind.STOPPED, this.process, next(), "", "", "", 0, 0, "", true));
	}

	/** Nobody knows whether the last event was committed. */
	Script perhaps() {
		this.events.add(this.events.remove(this.events.size() - 1).unsure());
		return this;
	}

	/** All leases are over. */
	Script leasesEnd() {
		this.at += LEASE;
		return this;
	}

	List<Violation> violations() {
		return new Checker(new History(this.events), 2, 1).check();
	}

	private Script add(Event.Kind kind, String step, String token, long lease, String detail) {
		long now = next();
		return add(
				new Event(kind, this.process, now, this.task, step, token, now, (lease > 0) ? lease : 0, detail, true));
	}

	private Script add(Event event) {
		this.events.add(event);
		return this;
	}

	private long next() {
		this.at += 1000;
		return this.at;
	}

}
