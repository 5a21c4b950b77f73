package io.pgtask.registry;

import java.time.Duration;

import org.jspecify.annotations.Nullable;

import org.springframework.transaction.annotation.Isolation;

/**
 * The transaction that a step shares with its transition.
 *
 * @param isolation the isolation level, {@link Isolation#DEFAULT} for that of the
 * {@code DataSource}
 * @param timeout how long the transaction may take, or {@code null} for the timeout of
 * the transaction manager
 * @param readOnly whether the step only reads
 */
public record TransactionSettings(Isolation isolation, @Nullable Duration timeout, boolean readOnly) {

	/** A transaction as the transaction manager makes them by default. */
	public static final TransactionSettings DEFAULT = new TransactionSettings(Isolation.DEFAULT, null, false);

}
