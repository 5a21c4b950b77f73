package io.pgtask.worker;

import java.util.HexFormat;
import java.util.UUID;

import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link Identity}.
 */
class IdentityTests {

	@Test
	void everyClaimOfAWorkerHasItsOwnTokenWithTheWorkerInIt() {
		Identity identity = new Identity();
		UUID first = identity.nextToken();
		UUID second = identity.nextToken();
		assertThat(first).isNotEqualTo(second);
		assertThat(first.getMostSignificantBits()).isEqualTo(second.getMostSignificantBits())
			.isEqualTo(HexFormat.fromHexDigitsToLong(identity.toString()));
	}

	@Test
	void everyStartOfAWorkerIsAnother() {
		assertThat(new Identity().toString()).isNotEqualTo(new Identity().toString());
	}

}
