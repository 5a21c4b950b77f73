package io.pgtask.worker;

/**
 * A task of three steps for tests.
 */
sealed interface Journey {

	record Start(String name) implements Journey {
	}

	record Middle(String name) implements Journey {
	}

	record End(String name) implements Journey {
	}

}
