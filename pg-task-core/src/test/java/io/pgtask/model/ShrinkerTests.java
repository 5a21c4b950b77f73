package io.pgtask.model;

import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;

import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link Shrinker}.
 */
class ShrinkerTests {

	private static final List<Integer> SEQUENCE = IntStream.range(0, 100).boxed().toList();

	@Test
	void whatIsLeftIsWhatTheFailureNeeds() {
		Shrinker<Integer> shrinker = new Shrinker<>((numbers) -> numbers.containsAll(List.of(3, 50, 98)));
		assertThat(shrinker.shrink(SEQUENCE)).containsExactly(3, 50, 98);
	}

	@Test
	void aSequenceOfWhichNothingCanBeLeftOutStaysAsItIs() {
		Shrinker<Integer> shrinker = new Shrinker<>(SEQUENCE::equals);
		assertThat(shrinker.shrink(SEQUENCE)).isEqualTo(SEQUENCE);
	}

	@Test
	void largePartsAreDroppedAtOnce() {
		AtomicInteger plays = new AtomicInteger();
		Shrinker<Integer> shrinker = new Shrinker<>((numbers) -> {
			plays.incrementAndGet();
			return numbers.contains(70);
		});
		assertThat(shrinker.shrink(SEQUENCE)).containsExactly(70);
		assertThat(plays).hasValueLessThan(30);
	}

}
