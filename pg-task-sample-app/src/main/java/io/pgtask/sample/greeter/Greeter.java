package io.pgtask.sample.greeter;

// tag::task[]
sealed interface Greeter {

	record ReadName(String filename) implements Greeter {
	}

	record SayHello(String name) implements Greeter {
	}

}
// end::task[]
