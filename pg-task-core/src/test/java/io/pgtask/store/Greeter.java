package io.pgtask.store;

/**
 * The task type of these tests.
 */
sealed interface Greeter {

	record ReadName(String filename) implements Greeter {
	}

	record SayHello(String name) implements Greeter {
	}

}
