package io.pgtask.bank;

/**
 * The task that transfers money from one account to another.
 */
sealed interface Transfer {

	record Accept(int number, int from, int to, int amount) implements Transfer {
	}

	record Book(int number, int from, int to, int amount) implements Transfer {
	}

	record Report(int number) implements Transfer {
	}

}
