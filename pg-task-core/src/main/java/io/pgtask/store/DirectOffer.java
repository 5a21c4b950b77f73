package io.pgtask.store;

import java.time.Duration;
import java.util.UUID;

/**
 * The offer of a worker to start one task as soon as its row is committed. Nothing is
 * kept free for it until then. Whoever takes the offer calls exactly one of the methods
 * that end it; they return at once and never throw.
 */
public interface DirectOffer {

	/**
	 * Return the token of the claim that the row is inserted with.
	 * @return the token, which no other row has
	 */
	UUID token();

	/**
	 * Return how long the lease lasts that the row is inserted with.
	 * @return the lease
	 */
	Duration lease();

	/**
	 * The row is committed, and nobody had a chance to change it before.
	 * @param row what was inserted
	 * @param task the row as a claim would have returned it
	 */
	void committed(DirectRow row, ClaimedTask task);

	/**
	 * The row may be there: it has to be read to find out.
	 * @param row what was inserted
	 * @param certain whether the transaction is committed, so that a row that does not
	 * show will not come either
	 */
	void unconfirmed(DirectRow row, boolean certain);

	/** The row was not inserted, or was rolled back. */
	void withdrawn();

}
