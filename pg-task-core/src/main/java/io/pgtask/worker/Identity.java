package io.pgtask.worker;

import java.security.SecureRandom;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicLong;

import io.pgtask.store.ClaimTokens;

/**
 * Who a start of a worker is, and the tokens of its claims: 64 random bits that no other
 * start shares, and a counter. A token is used for one claim only, so that an execution
 * which lost its lease cannot be mistaken for a later one, not even on the same worker.
 */
final class Identity {

	private final long worker = new SecureRandom().nextLong();

	private final AtomicLong claims = new AtomicLong();

	private volatile boolean announced;

	UUID nextToken() {
		return ClaimTokens.token(this.worker, this.claims.getAndIncrement(), this.announced);
	}

	/**
	 * Whether others can tell from now on if the worker dies. The claims it makes
	 * meanwhile say so.
	 */
	void announced(boolean announced) {
		this.announced = announced;
	}

	boolean isAnnounced() {
		return this.announced;
	}

	int presenceKey() {
		return ClaimTokens.presenceKey(this.worker);
	}

	@Override
	public String toString() {
		return ClaimTokens.name(this.worker);
	}

}
