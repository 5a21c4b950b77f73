package io.pgtask.store;

import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicReference;

import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link TaskIds}.
 */
class TaskIdsTests {

	private static final Instant NOW = Instant.parse("2022-02-22T19:22:22Z");

	@Test
	void anIdHasTheVersionTheVariantAndTheTimeOfTheStandard() {
		UUID id = new TaskIds(InstantSource.fixed(NOW)).next();
		assertThat(id.version()).isEqualTo(7);
		assertThat(id.variant()).isEqualTo(2);
		// The time of the example in RFC 9562, appendix A.6.
		assertThat(id.toString()).startsWith("017f22e2-79b0-7000-");
	}

	@Test
	void theBitsBehindTheVersionAreTheFractionOfTheMillisecond() {
		UUID id = new TaskIds(InstantSource.fixed(NOW.plusNanos(500_000))).next();
		assertThat(id.toString()).startsWith("017f22e2-79b0-7800-");
	}

	@Test
	void idsGrowWhileTheClockStandsStillOrIsSetBack() {
		AtomicReference<Instant> clock = new AtomicReference<>(NOW);
		TaskIds ids = new TaskIds(clock::get);
		List<String> made = new ArrayList<>();
		for (int i = 0; i < 10_000; i++) {
			made.add(ids.next().toString());
		}
		clock.set(NOW.minusSeconds(3600));
		made.add(ids.next().toString());
		clock.set(NOW.plusSeconds(1));
		made.add(ids.next().toString());
		assertThat(made).isSorted().doesNotHaveDuplicates();
	}

	@Test
	void theRestIsRandom() {
		Set<Long> seen = new HashSet<>();
		for (int i = 0; i < 10_000; i++) {
			seen.add(new TaskIds(InstantSource.fixed(NOW)).next().getLeastSignificantBits());
		}
		assertThat(seen).hasSize(10_000);
	}

	@Test
	void idsOfOneJvmGrowInEveryThread() throws Exception {
		ExecutorService threads = Executors.newFixedThreadPool(8);
		try {
			List<Callable<List<UUID>>> makers = new ArrayList<>();
			for (int i = 0; i < 8; i++) {
				makers.add(() -> {
					List<UUID> made = new ArrayList<>();
					for (int j = 0; j < 5_000; j++) {
						made.add(TaskIds.shared().next());
					}
					return made;
				});
			}
			Set<UUID> all = new HashSet<>();
			for (Future<List<UUID>> made : threads.invokeAll(makers)) {
				assertThat(made.get()).extracting(UUID::toString).isSorted();
				all.addAll(made.get());
			}
			assertThat(all).hasSize(40_000);
		}
		finally {
			threads.shutdown();
		}
	}

}
