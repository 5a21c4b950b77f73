package io.pgtask.store;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.UUID;
import java.util.stream.Stream;

import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link EndNotice}.
 */
class EndNoticeTests {

	@Test
	void thousandsOfIdsFitIntoNotificationsThatAreReadBackWithoutALoss() {
		List<UUID> ids = Stream.generate(UUID::randomUUID).limit(1001).toList();
		List<String> payloads = EndNotice.payloads(EndNotice.Way.ERRORED, ids);
		assertThat(payloads).hasSize(6)
			.allSatisfy((payload) -> assertThat(payload.getBytes(StandardCharsets.UTF_8)).hasSizeLessThan(8000));
		List<EndNotice> notices = payloads.stream().map((payload) -> EndNotice.parse(payload).orElseThrow()).toList();
		assertThat(notices).extracting(EndNotice::way).containsOnly(EndNotice.Way.ERRORED);
		assertThat(notices.stream().flatMap((notice) -> notice.ids().stream())).containsExactlyElementsOf(ids);
	}

	@Test
	void noIdsMakeNoNotification() {
		assertThat(EndNotice.payloads(EndNotice.Way.DONE, List.of())).isEmpty();
	}

	@Test
	void whatOthersSendOnTheChannelIsNothing() {
		assertThat(EndNotice.parse("")).isEmpty();
		assertThat(EndNotice.parse("hello 1")).isEmpty();
		assertThat(EndNotice.parse("done not-an-id")).isEmpty();
	}

}
