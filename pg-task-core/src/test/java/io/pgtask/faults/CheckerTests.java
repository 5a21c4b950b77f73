package io.pgtask.faults;

import java.util.List;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link Checker}: histories that keep every promise, and for each promise some
 * that break it.
 */
class CheckerTests {

	private final Script script = new Script();

	@Test
	void aTaskThatRunsAndEndsKeepsEveryPromise() {
		assertThat(this.script.enqueued().run("a").violations()).isEmpty();
	}

	@Test
	void anEnqueueThatIsNotFollowedByAnythingIsLost() {
		assertBroken(this.script.enqueued(), Invariant.I1);
	}

	@Test
	void anEnqueueWithoutAnAnswerMayBeLost() {
		this.script.enqueued().run("a").task("plain-2").rejected();
		assertThat(this.script.violations()).isEmpty();
	}

	@Test
	void anEndThatMayBeCommittedIsNoLoss() {
		this.script.enqueued().run("a").perhaps();
		assertThat(this.script.violations()).isEmpty();
	}

	@Test
	void aTaskThatAnOperatorHasTakenAwayIsNotLost() {
		assertThat(this.script.enqueued().byOperator().violations()).isEmpty();
	}

	@Test
	void aTaskEndsOnce() {
		assertBroken(this.script.enqueued().run("a").finished("a"), Invariant.I2);
	}

	@Test
	void nobodyClaimsATaskThatHasEnded() {
		assertBroken(this.script.enqueued().run("a").claimed("Third", "b"), Invariant.I2);
	}

	@Test
	void aTaskThatNobodyRunsHasNotEnded() {
		assertBroken(this.script.enqueued().left("First", ""), Invariant.I2);
	}

	@Test
	void onlyTheLatestClaimWrites() {
		this.script.enqueued().claimed("First", "a").started("First").in(Script.OTHER).claimed("First", "b").in("node");
		assertBroken(this.script.advanced("Second", "a"), Invariant.I3);
	}

	@Test
	void aWriteThatMayHaveBeenRolledBackBreaksNothing() {
		this.script.enqueued().claimed("First", "a").started("First").struck().in(Script.OTHER).claimed("First", "b");
		this.script.in("node").advanced("Second", "a").perhaps().in(Script.OTHER);
		this.script.started("First").advanced("Second", "b").started("Second").finished("b");
		assertThat(this.script.violations()).isEmpty();
	}

	@Test
	void nobodyWritesWhenTheLeaseIsOver() {
		this.script.enqueued().claimed("First", "a").started("First").leasesEnd();
		assertBroken(this.script.advanced("Second", "a"), Invariant.I3);
	}

	@Test
	void aFinishedStepIsNotStartedAgain() {
		this.script.enqueued().claimed("First", "a").started("First").advanced("Second", "a").struck();
		assertBroken(this.script.in(Script.OTHER).started("First"), Invariant.I4);
	}

	@Test
	void nothingStartsAfterTheEnd() {
		assertBroken(this.script.enqueued().run("a").struck().in(Script.OTHER).started("Third"), Invariant.I4);
	}

	@Test
	void aStepDoesNotRunBeforeTheTransitionToItIsDurable() {
		this.script.enqueued().claimed("First", "a").started("First").advanced("Second", "a").perhaps();
		assertBroken(this.script.started("Second").struck().in(Script.OTHER).run("b"), Invariant.I4);
	}

	@Test
	void aRowDoesNotForgetAnAcknowledgedTransition() {
		this.script.enqueued().claimed("First", "a").started("First").advanced("Second", "a").struck();
		assertBroken(this.script.in(Script.OTHER).claimed("First", "b"), Invariant.I5);
	}

	@Test
	void whatWasRolledBackDoesNotRun() {
		assertBroken(this.script.rejected().started("First"), Invariant.I6);
	}

	@Test
	void tasksOfOneKeyLiveOneAfterTheOther() {
		this.script.enqueued("key").run("a").task("unique-2").enqueued("key").run("b");
		assertThat(this.script.violations()).isEmpty();
	}

	@Test
	void twoTasksOfOneKeyDoNotLiveTogether() {
		this.script.enqueued("key").task("unique-2").enqueued("key").run("b");
		assertBroken(this.script.task("plain-1").run("a"), Invariant.I7);
	}

	@Test
	void whatWasInFlightAtAFaultMayRunTwice() {
		this.script.enqueued().claimed("First", "a").started("First").struck().in(Script.OTHER);
		assertThat(this.script.run("b").violations()).isEmpty();
	}

	@Test
	void nothingRunsTwiceWithoutAFault() {
		this.script.enqueued().claimed("First", "a").started("First").in(Script.OTHER);
		assertBroken(this.script.run("b"), Invariant.I8);
	}

	@Test
	void theFaultOfAnotherProcessIsNoReason() {
		this.script.enqueued().claimed("First", "a").started("First").in("third").struck().in(Script.OTHER);
		assertBroken(this.script.run("b"), Invariant.I8);
	}

	@Test
	void anAttemptThatWasSavedMayBeFollowedByAnother() {
		this.script.enqueued().claimed("First", "a").started("First").released("First", "a");
		assertThat(this.script.run("b").violations()).isEmpty();
	}

	@Test
	void whileAFaultLastsOnlyAsMuchIsStartedInVainAsThereAreSlots() {
		this.script.in(Event.EVERY_PROCESS).longFault().in("node");
		for (int task = 1; task <= 2; task++) {
			this.script.task("plain-" + task).enqueued().claimed("First", "a" + task).started("First");
		}
		this.script.task("plain-1").in(Script.OTHER).run("b1");
		assertThat(this.script.task("plain-2").violations()).extracting(Violation::invariant)
			.doesNotContain(Invariant.I8);
		assertBroken(this.script.run("b2"), Invariant.I8);
	}

	@Test
	void whatAProcessThatStoodStillWasAboutToStartRunsTwice() {
		this.script.enqueued().claimed("First", "a").stoodStill().started("First").in(Script.OTHER);
		assertThat(this.script.run("b").violations()).isEmpty();
	}

	@Test
	void whatAProcessStartsLongAfterItStoodStillRunsOnce() {
		this.script.enqueued().claimed("First", "a").stoodStill().leasesEnd().leasesEnd().leasesEnd();
		assertBroken(this.script.started("First").in(Script.OTHER).run("b"), Invariant.I8);
	}

	@Test
	void aStoppedProcessHoldsNothing() {
		this.script.enqueued().claimed("First", "a").stopped();
		assertBroken(this.script.in(Script.OTHER).run("b"), Invariant.STOP);
	}

	@Test
	void aStoppedProcessHasGivenBackItsTasks() {
		this.script.enqueued().claimed("First", "a").givenBack("First", "a").stopped().in(Script.OTHER);
		assertThat(this.script.run("b").violations()).isEmpty();
	}

	@Test
	void aProcessThatHasLostItsLeaseBeforeItStopsHasNothingToGiveBack() {
		this.script.enqueued().claimed("First", "a").leasesEnd().stopped();
		assertThat(this.script.in(Script.OTHER).run("b").violations()).extracting(Violation::invariant)
			.doesNotContain(Invariant.STOP);
	}

	@Test
	void whatStillHasItsLeaseIsNotGivenBack() {
		this.script.enqueued().claimed("First", "a").keptInSpiteOfGiveBack("First", "a").stopped();
		assertBroken(this.script.in(Script.OTHER).run("b"), Invariant.STOP);
	}

	@Test
	void aTaskThatWasParkedByHandKeepsNobodyFromStopping() {
		this.script.enqueued().claimed("First", "a").started("First").parkedByHand().stopped();
		assertThat(this.script.left("First", "by hand").violations()).isEmpty();
	}

	@Test
	void nobodyRenewsTheLeaseOfWhatWasParkedByHand() {
		this.script.enqueued().claimed("First", "a").started("First").parkedByHand();
		assertBroken(this.script.leftRenewed("First", "by hand"), Invariant.I3);
	}

	@Test
	void whatWasResumedMayHaveALaterLease() {
		this.script.enqueued().claimed("First", "a").started("First").parkedByHand().in(Script.OTHER);
		this.script.claimed("First", "b").started("First").parkedByHand();
		assertThat(this.script.left("First", "by hand").violations()).extracting(Violation::invariant)
			.doesNotContain(Invariant.I3);
	}

	@Test
	void whatEndsProcessesIsNotDeliveredForEver() {
		this.script.task("exit-1").enqueued();
		for (int delivery = 1; delivery <= 3; delivery++) {
			this.script.in("node" + delivery).claimed("Second", "a" + delivery).started("Second").struck();
		}
		assertBroken(this.script.left("Second", "delivered 4 times"), Invariant.POISON);
	}

	@Test
	void whatEndsProcessesTakesNobodyWithIt() {
		assertBroken(this.script.enqueued().left("First", "delivered 3 times"), Invariant.POISON);
	}

	@ParameterizedTest
	@CsvSource({ "throws-1, true", "plain-1, false" })
	void onlyWhatCannotEndIsParked(String task, boolean allowed) {
		List<Violation> violations = this.script.task(task).enqueued().left("Second", "no luck").violations();
		assertThat(violations).extracting(Violation::invariant)
			.isEqualTo(allowed ? List.of() : List.of(Invariant.PARKED));
	}

	@Test
	void aViolationShowsTheEventsThatLeadToItAndNoOthers() {
		this.script.task("plain-0").enqueued().run("z").task("plain-1").enqueued();
		this.script.claimed("First", "a").started("First").in(Script.OTHER).claimed("First", "b").in("node");
		this.script.advanced("Second", "a").in(Script.OTHER).run("b");
		assertThat(this.script.violations()).anySatisfy((violation) -> {
			assertThat(violation.invariant()).isEqualTo(Invariant.I3);
			assertThat(violation.piece()).extracting(Event::kind)
				.containsExactly(Event.Kind.ENQUEUE, Event.Kind.ENQUEUED, Event.Kind.CLAIM, Event.Kind.START,
						Event.Kind.CLAIM, Event.Kind.ADVANCE);
			assertThat(violation.piece()).extracting(Event::task).containsOnly("plain-1");
		});
	}

	@Test
	void whatGrowsForTenMinutesIsNotFlat() {
		assertBroken(this.script.heap(10, 10, 10, 10, 20, 20, 20, 20, 30, 30, 30, 30), Invariant.FLAT);
	}

	@Test
	void whatWaversOrGrowsWhileItWarmsUpIsFlat() {
		this.script.heap(1, 1, 1, 20, 22, 19, 21, 22, 20, 40, 21, 22, 20);
		assertThat(this.script.violations()).isEmpty();
	}

	@Test
	void whatIsWatchedForAFewMinutesIsNotJudged() {
		assertThat(this.script.heap(1, 2, 4, 8, 16, 32, 64, 128, 256).violations()).isEmpty();
	}

	private static void assertBroken(Script script, Invariant invariant) {
		assertThat(script.violations()).extracting(Violation::invariant).contains(invariant);
	}

}
