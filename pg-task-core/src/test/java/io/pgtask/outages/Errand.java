package io.pgtask.outages;

/**
 * A task of three steps.
 */
sealed interface Errand {

	record First(int number) implements Errand {
	}

	record Second(int number) implements Errand {
	}

	record Third(int number) implements Errand {
	}

}
