package io.pgtask.autoconfigure.steps;

public sealed interface Greeter {

	record ReadName(String filename) implements Greeter {
	}

	record SayHello(String name) implements Greeter {
	}

}
