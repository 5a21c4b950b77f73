package io.pgtask.faults;

/**
 * A task of the load with transactional steps.
 */
sealed interface Booking {

	record First(String name) implements Booking {
	}

	record Second(String name) implements Booking {
	}

	record Third(String name) implements Booking {
	}

}
