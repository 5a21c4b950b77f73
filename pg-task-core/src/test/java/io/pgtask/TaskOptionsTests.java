package io.pgtask;

import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Set;
import java.util.UUID;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;

/**
 * Tests for {@link TaskOptions} and {@link TaskRequest}.
 */
class TaskOptionsTests {

	private static final Instant INSTANT = Instant.parse("2030-01-02T03:04:05Z");

	@Test
	void everyOptionIsKeptWhenAnotherOneIsChanged() {
		UUID id = UUID.randomUUID();
		TaskOptions options = TaskOptions.DEFAULT.withId(id)
			.withUniqueKey("key", OnConflict.REJECT)
			.withDeadline(Duration.ofHours(1))
			.withHeader("a", "1")
			.withTags("red", "green")
			.withDelay(Duration.ofMinutes(1))
			.withPriority(7)
			.withHeader("b", "2");
		assertThat(options).isEqualTo(new TaskOptions(id, 7, Duration.ofMinutes(1), null, Set.of("red", "green"),
				Map.of("a", "1", "b", "2"), Duration.ofHours(1), null, "key", OnConflict.REJECT));
		assertThat(options.withId(id).withUniqueKey("key", OnConflict.REJECT)).isEqualTo(options);
	}

	@Test
	void theLastDueTimeAndTheLastDeadlineCount() {
		TaskOptions at = TaskOptions.DEFAULT.withDelay(Duration.ofDays(1))
			.withDueAt(INSTANT)
			.withDeadline(Duration.ofDays(1))
			.withDeadline(INSTANT);
		assertThat(at.delay()).isZero();
		assertThat(at.dueAt()).isEqualTo(INSTANT);
		assertThat(at.startWithin()).isNull();
		assertThat(at.startBy()).isEqualTo(INSTANT);
		TaskOptions after = at.withDelay(Duration.ofDays(1)).withDeadline(Duration.ofDays(2));
		assertThat(after.dueAt()).isNull();
		assertThat(after.startBy()).isNull();
	}

	@ParameterizedTest
	@ValueSource(ints = { -1, 10 })
	void aPriorityIsBetweenZeroAndNine(int priority) {
		assertThatIllegalArgumentException().isThrownBy(() -> TaskOptions.DEFAULT.withPriority(priority))
			.withMessage("The priority must be between 0 and 9 but is " + priority);
	}

	@Test
	void tagsAndKeysHaveALength() {
		assertThatIllegalArgumentException().isThrownBy(() -> TaskOptions.DEFAULT.withTags("ok", ""))
			.withMessage("A tag must have 1 to 100 characters but '' has 0");
		assertThatIllegalArgumentException().isThrownBy(() -> TaskOptions.DEFAULT.withTags("x".repeat(101)))
			.withMessageEndingWith("…' has 101");
		assertThatIllegalArgumentException()
			.isThrownBy(() -> TaskOptions.DEFAULT.withUniqueKey("🐘".repeat(256), OnConflict.KEEP))
			.withMessageEndingWith("has 256");
		assertThat(TaskOptions.DEFAULT.withUniqueKey("🐘".repeat(255), OnConflict.KEEP).uniqueKey()).hasSize(510);
	}

	@Test
	void delaysAndDeadlinesAreNotNegative() {
		assertThatIllegalArgumentException().isThrownBy(() -> TaskOptions.DEFAULT.withDelay(Duration.ofNanos(-1)));
		assertThatIllegalArgumentException().isThrownBy(() -> TaskOptions.DEFAULT.withDeadline(Duration.ofNanos(-1)));
	}

	@Test
	@SuppressWarnings("NullAway")
	void nullIsRefused() {
		assertThatNullPointerException().isThrownBy(() -> TaskOptions.DEFAULT.withId(null));
		assertThatNullPointerException().isThrownBy(() -> TaskOptions.DEFAULT.withDelay(null));
		assertThatNullPointerException().isThrownBy(() -> TaskOptions.DEFAULT.withDueAt(null));
		assertThatNullPointerException().isThrownBy(() -> TaskOptions.DEFAULT.withDeadline((Instant) null));
		assertThatNullPointerException().isThrownBy(() -> TaskOptions.DEFAULT.withDeadline((Duration) null));
		assertThatNullPointerException().isThrownBy(() -> TaskOptions.DEFAULT.withTags("a", null));
		assertThatNullPointerException().isThrownBy(() -> TaskOptions.DEFAULT.withHeader("a", null));
		assertThatNullPointerException().isThrownBy(() -> TaskOptions.DEFAULT.withUniqueKey(null, OnConflict.KEEP));
		assertThatNullPointerException().isThrownBy(() -> TaskOptions.DEFAULT.withUniqueKey("a", null));
		assertThatNullPointerException().isThrownBy(() -> new TaskRequest(null, TaskOptions.DEFAULT));
		assertThatNullPointerException().isThrownBy(() -> new TaskRequest("state", null));
	}

	@Test
	void aRequestHoldsAState() {
		TaskRequest request = new TaskRequest("state", TaskOptions.DEFAULT);
		assertThatIllegalArgumentException().isThrownBy(() -> new TaskRequest(request, TaskOptions.DEFAULT));
	}

}
