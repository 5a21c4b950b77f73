package io.pgtask.store;

import java.util.HexFormat;
import java.util.OptionalInt;
import java.util.UUID;
import java.util.regex.Pattern;

/**
 * What the token of a claim tells: whose it is, and whether its worker had announced its
 * {@link PresenceStatements presence} when it made the claim.
 * <p>
 * The upper half is the worker. The lower one is the number of the claim, with the two
 * highest bits set if the worker was announced. No UUID of a standard version has both,
 * and so neither has a claim of another program, of a worker behind a proxy, or of an
 * earlier release: theirs end with their leases alone.
 */
public final class ClaimTokens {

	/** Whether a token is one of a worker that was announced. */
	static final String ANNOUNCED = "get_byte(uuid_send({token}), 8) >= 192";

	private static final long MARK = 0xC000_0000_0000_0000L;

	private static final Pattern NAME = Pattern.compile("[0-9a-f]{16}");

	private ClaimTokens() {
	}

	/**
	 * Make a token.
	 * @param worker the identity of the worker
	 * @param claim the number of the claim
	 * @param announced whether the worker is announced now
	 * @return the token
	 */
	public static UUID token(long worker, long claim, boolean announced) {
		return new UUID(worker, announced ? claim | MARK : claim & ~MARK);
	}

	/**
	 * Return whether the worker was announced when it made a claim.
	 * @param token the token of the claim
	 * @return whether it was
	 */
	public static boolean isAnnounced(UUID token) {
		return (token.getLeastSignificantBits() & MARK) == MARK;
	}

	/**
	 * Return the key of a worker's presence. Two workers may have the same one: then one
	 * that has died counts as present for as long as the other lives.
	 * @param worker the identity of the worker
	 * @return the upper half of its identity
	 */
	public static int presenceKey(long worker) {
		return (int) (worker >>> 32);
	}

	/**
	 * Return the name of a worker.
	 * @param worker its identity
	 * @return the identity in hexadecimal digits, as it stands in {@code locked_by}
	 */
	public static String name(long worker) {
		return HexFormat.of().toHexDigits(worker);
	}

	/**
	 * Return the key of the worker with a name.
	 * @param name the {@linkplain #name(long) name} of a worker, or anything else
	 * @return the {@linkplain #presenceKey(long) key}, or nothing if it is no such name
	 */
	public static OptionalInt presenceKeyOf(String name) {
		return NAME.matcher(name).matches() ? OptionalInt.of(presenceKey(HexFormat.fromHexDigitsToLong(name)))
				: OptionalInt.empty();
	}

	/** Return the lowest token of all workers with a key. */
	static UUID lowest(int presenceKey) {
		return new UUID((long) presenceKey << 32, 0);
	}

	/** Return the highest token of all workers with a key. */
	static UUID highest(int presenceKey) {
		return new UUID((long) presenceKey << 32 | 0xFFFF_FFFFL, -1);
	}

}
