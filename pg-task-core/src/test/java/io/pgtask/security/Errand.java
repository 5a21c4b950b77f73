package io.pgtask.security;

/**
 * A task of three steps.
 */
public sealed interface Errand {

	record Fetch(String what) implements Errand {
	}

	record Carry(String what) implements Errand {
	}

	record Deliver(String what) implements Errand {
	}

}
