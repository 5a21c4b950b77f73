package io.pgtask.worker;

import java.util.HexFormat;
import java.util.List;
import java.util.UUID;

import io.pgtask.store.ClaimTokens;
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
		assertThat(first).matches((token) -> !ClaimTokens.isAnnounced(token), "not announced");
		assertThat(first.getMostSignificantBits()).isEqualTo(second.getMostSignificantBits())
			.isEqualTo(HexFormat.fromHexDigitsToLong(identity.toString()));
	}

	@Test
	void aClaimTellsWhetherItsWorkerWasAnnouncedWhenItWasMade() {
		Identity identity = new Identity();
		UUID before = identity.nextToken();
		identity.announced(true);
		UUID meanwhile = identity.nextToken();
		identity.announced(false);
		assertThat(List.of(before, meanwhile, identity.nextToken())).extracting(ClaimTokens::isAnnounced)
			.containsExactly(false, true, false);
	}

	@Test
	void everyStartOfAWorkerIsAnother() {
		assertThat(new Identity().toString()).isNotEqualTo(new Identity().toString());
	}

}
