package io.pgtask.security;

import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * Texts that want to be something else: SQL, JSON, a pattern, a path, a format. The same
 * ones in every run; {@code pgtask.hostile.count} and {@code pgtask.hostile.seed} choose
 * how many and which.
 */
final class HostileTexts {

	static final int COUNT = Integer.getInteger("pgtask.hostile.count", 100_000);

	private static final long SEED = Long.getLong("pgtask.hostile.seed", 6);

	private static final List<String> PIECES = List.of("'", "''", "\"", "\"\"", "\\", "\\\\", "\\'", "\\u0000", "`",
			";", "--", "/*", "*/", "$$", "$1", "$tag$", "?", "??", ":name", "::text", "%", "_", "%s", "%I", "{", "}",
			"{table}", "{paused}", "{history}", "{dead}", "{0}", "${jndi:ldap://x}", "#{1+1}", "[", "]", "(", ")", ",",
			"NULL", "null", "true", "\n", "\r", "\t", "\u0001", "\u001b[31m", "\u0085", "\u2028", "\ufeff", "\uffff",
			"é", "é", "ß", "İ", "日本語", "🎉", "👩‍👩‍👧", "\u202e", "عربى", "../", "a", "Z", "9", " ", ".",
			"; DROP TABLE pg_task; --", "' OR '1'='1", "') ON CONFLICT DO UPDATE SET step = '", "pg_temp",
			"public.pg_task", "E'\\x41'", "U&\"\\0041\"", "<script>", "&amp;");

	/** What no text of PostgreSQL can hold. */
	private static final List<String> IMPOSSIBLE = List.of("\0", "\ud83c", "\udf89");

	private HostileTexts() {
	}

	/** Returns texts that a row can hold, of at most some characters. */
	static Stream<String> possible(int count, int mostCharacters) {
		Random random = new Random(SEED);
		return IntStream.range(0, count).mapToObj((i) -> text(random, mostCharacters));
	}

	/** Returns texts that no row can hold. */
	static Stream<String> impossible(int count) {
		Random random = new Random(SEED);
		return IntStream.range(0, count)
			.mapToObj((i) -> text(random, 20) + IMPOSSIBLE.get(i % IMPOSSIBLE.size()) + text(random, 20));
	}

	private static String text(Random random, int mostCharacters) {
		StringBuilder text = new StringBuilder();
		// A few are as long as they may be.
		int pieces = (random.nextInt(500) == 0) ? mostCharacters : 1 + random.nextInt(6);
		for (int i = 0; i < pieces; i++) {
			text.append(PIECES.get(random.nextInt(PIECES.size())));
		}
		int length = Math.min(mostCharacters, text.codePointCount(0, text.length()));
		return text.substring(0, text.offsetByCodePoints(0, length));
	}

}
