package io.pgtask.worker;

import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Who a start of a worker is, and the tokens of its claims: 64 random bits that no other
 * start shares, and a counter. A token is used for one claim only, so that an execution
 * which lost its lease cannot be mistaken for a later one, not even on the same worker.
 */
final class Identity {

	private final long worker = new SecureRandom().nextLong();

	private final AtomicLong claims = new AtomicLong();

	UUID nextToken() {
		return new UUID(this.worker, this.claims.getAndIncrement());
	}

	@Override
	public String toString() {
		return HexFormat.of().toHexDigits(this.worker);
	}

}
