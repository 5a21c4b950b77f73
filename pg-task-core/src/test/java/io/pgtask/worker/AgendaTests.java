package io.pgtask.worker;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import java.util.stream.Stream;

import io.pgtask.store.ClaimedTask;
import io.pgtask.store.DueHead;
import io.pgtask.store.Probe;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link Agenda}: how claims are shared while every range has more than anyone
 * can claim.
 */
class AgendaTests {

	private static final Instant DUE = Instant.parse("2026-11-21T12:00:00Z");

	private static final Duration NEVER = Duration.ofDays(1);

	private final Agenda agenda = new Agenda();

	private final Map<String, Integer> claimed = new TreeMap<>();

	@Test
	void aSingleSlotServesEveryTypeInItsTurn() {
		this.agenda.survey(List.of(due("A", 4), due("B", 4), due("C", 4)), NEVER);
		claim(300, 1);
		assertThat(this.claimed).containsOnly(Map.entry("A4", 100), Map.entry("B4", 100), Map.entry("C4", 100));
	}

	@Test
	void aSurveyBeforeEveryClaimChangesNobodysTurn() {
		for (int i = 0; i < 300; i++) {
			this.agenda.survey(List.of(due("A", 4), due("B", 4), due("C", 4)), NEVER);
			claim(1, 1);
		}
		assertThat(this.claimed).containsOnly(Map.entry("A4", 100), Map.entry("B4", 100), Map.entry("C4", 100));
	}

	@Test
	void aTypeThatHasJustGotWorkIsNext() {
		this.agenda.survey(List.of(due("A", 4), due("B", 4)), NEVER);
		claim(10, 1);
		this.agenda.survey(List.of(due("A", 4), due("B", 4), due("Fresh", 4)), NEVER);
		claim(1, 1);
		assertThat(this.claimed).containsEntry("Fresh4", 1);
	}

	@Test
	void aLargeClaimIsSharedInEqualParts() {
		this.agenda.survey(List.of(due("A", 4), due("B", 4)), NEVER);
		claim(1, 101);
		assertThat(this.claimed.values()).containsExactlyInAnyOrder(50, 51);
	}

	@Test
	void noPriorityStarvesBehindAnEndlessMoreUrgentOne() {
		this.agenda.survey(List.of(due("A", 9), due("A", 5), due("A", 4), due("A", 0)), NEVER);
		claim(800, 1);
		assertThat(this.claimed.get("A9")).isEqualTo(700);
		assertThat(this.claimed.get("A5")).isBetween(33, 34);
		assertThat(this.claimed.get("A4")).isBetween(33, 34);
		assertThat(this.claimed.get("A0")).isBetween(33, 34);
	}

	@Test
	void noPriorityStarvesWhenClaimsAreLarge() {
		this.agenda.survey(List.of(due("A", 9), due("A", 5), due("A", 0)), NEVER);
		claim(10, 16);
		assertThat(this.claimed).containsOnly(Map.entry("A9", 140), Map.entry("A5", 10), Map.entry("A0", 10));
	}

	@Test
	void noTypeStarvesBehindOthersOfTheSameLowPriority() {
		this.agenda.survey(List.of(due("A", 9), due("B", 0), due("C", 0)), NEVER);
		claim(160, 1);
		assertThat(this.claimed).containsOnly(Map.entry("A9", 140), Map.entry("B0", 10), Map.entry("C0", 10));
	}

	@Test
	void aRangeIsDeepOnceAClaimHasFoundAllItAskedFor() {
		this.agenda.survey(List.of(due("A", 4)), NEVER);
		assertThat(this.agenda.isDeep()).isFalse();
		claim(1, 10);
		assertThat(this.agenda.isDeep()).isTrue();
		this.agenda.claimed(this.agenda.probes(10), List.of(), DUE);
		assertThat(this.agenda.isDeep()).isFalse();
	}

	@Test
	void twoClaimsOfTheSameRangeMayEndInAnyOrder() {
		this.agenda.survey(List.of(due("A", 4)), NEVER);
		List<Probe> first = this.agenda.probes(10);
		List<Probe> second = this.agenda.probes(10);
		this.agenda.claimed(second, List.of(), DUE);
		assertThat(this.agenda.isEmpty()).isTrue();
		assertThat(this.agenda.probes(10)).isEmpty();
		this.agenda.claimed(first, List.of(task(first.get(0))), DUE);
		assertThat(this.agenda.isEmpty()).isTrue();
	}

	@Test
	void aClaimBeginsWhereTheOneBeforeItEndedIfThatIsLongPast() {
		this.agenda.survey(List.of(due("A", 4)), NEVER);
		List<Probe> probes = this.agenda.probes(2);
		assertThat(probes.get(0).floor()).isEqualTo(DUE.minusSeconds(1));
		this.agenda.claimed(probes, List.of(task(probes.get(0), DUE.minusSeconds(5)), task(probes.get(0), DUE)),
				DUE.plusSeconds(60));
		assertThat(this.agenda.probes(2).get(0).floor()).isEqualTo(DUE);
	}

	@Test
	void theFirstClaimBeginsAtTheFirstTaskSeenIfThatIsLongPast() {
		this.agenda.survey(List.of(new DueHead("A", 4, DUE.minusSeconds(60), DUE)), NEVER);
		assertThat(this.agenda.probes(1).get(0).floor()).isEqualTo(DUE.minusSeconds(60));
	}

	@Test
	void aSurveyDoesNotMakeADeepRangeShallow() {
		this.agenda.survey(List.of(due("A", 4)), NEVER);
		claim(1, 10);
		this.agenda.survey(List.of(due("A", 4), due("B", 4)), NEVER);
		assertThat(this.agenda.isDeep()).isTrue();
		this.agenda.survey(List.of(due("B", 4)), NEVER);
		assertThat(this.agenda.isDeep()).isFalse();
	}

	@Test
	void aClaimPassesByNothingThatIsDueForLessThanASecond() {
		this.agenda.survey(List.of(due("A", 4)), NEVER);
		List<Probe> probes = this.agenda.probes(1);
		this.agenda.claimed(probes, List.of(task(probes.get(0), DUE)), DUE.plusMillis(10));
		assertThat(this.agenda.probes(1).get(0).floor()).isEqualTo(DUE.plusMillis(10).minusSeconds(1));
	}

	private void claim(int times, int demand) {
		for (int i = 0; i < times; i++) {
			List<Probe> probes = this.agenda.probes(demand);
			assertThat(probes.stream().mapToInt(Probe::limit).sum()).isEqualTo(demand);
			List<ClaimedTask> tasks = new ArrayList<>();
			for (Probe probe : probes) {
				this.claimed.merge(probe.taskType() + probe.priority(), probe.limit(), Integer::sum);
				Stream.generate(() -> task(probe)).limit(probe.limit()).forEach(tasks::add);
			}
			this.agenda.claimed(probes, tasks, DUE);
		}
	}

	private static DueHead due(String taskType, int priority) {
		return new DueHead(taskType, priority, DUE, DUE);
	}

	private static ClaimedTask task(Probe probe) {
		return task(probe, DUE);
	}

	private static ClaimedTask task(Probe probe, Instant wakeupAt) {
		return new ClaimedTask(UUID.randomUUID(), UUID.randomUUID(), probe.taskType(), probe.priority(), "", 0, 1,
				Map.of(), wakeupAt, DUE, null, null, false, 0);
	}

}
