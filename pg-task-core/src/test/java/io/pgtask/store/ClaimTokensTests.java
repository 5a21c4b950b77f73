package io.pgtask.store;

import java.util.UUID;
import java.util.stream.Stream;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link ClaimTokens}.
 */
class ClaimTokensTests {

	@ParameterizedTest
	@ValueSource(longs = { 0, 1, 0x7fff_ffff_0000_0001L, -1, Long.MIN_VALUE })
	void aTokenIsInTheRangeOfItsWorker(long worker) {
		UUID first = ClaimTokens.token(worker, 0, true);
		UUID later = ClaimTokens.token(worker, 1_000_000_000_000L, true);
		int key = ClaimTokens.presenceKey(worker);
		assertThat(Stream.of(ClaimTokens.lowest(key), first, later, ClaimTokens.highest(key)).map(UUID::toString))
			.isSorted()
			.doesNotHaveDuplicates();
	}

	@ParameterizedTest
	@ValueSource(longs = { 0, 1, 0x7fff_ffff_0000_0001L, -1, Long.MIN_VALUE })
	void theNameOfAWorkerTellsItsKey(long worker) {
		assertThat(ClaimTokens.presenceKeyOf(ClaimTokens.name(worker))).hasValue(ClaimTokens.presenceKey(worker));
	}

	@ParameterizedTest
	@ValueSource(strings = { "", "0", "00000000000000001", "000000000000000G", "-000000000000001" })
	void whatIsNoNameOfAWorkerTellsNone(String name) {
		assertThat(ClaimTokens.presenceKeyOf(name)).isEmpty();
	}

	@Test
	void noTokenOfAnotherProgramIsTakenForOneOfAnAnnouncedWorker() {
		assertThat(Stream.generate(UUID::randomUUID).limit(1000)).noneMatch(ClaimTokens::isAnnounced);
		assertThat(ClaimTokens.isAnnounced(new UUID(0, 0))).isFalse();
		assertThat(ClaimTokens.isAnnounced(ClaimTokens.token(5, -1, false))).isFalse();
	}

}
