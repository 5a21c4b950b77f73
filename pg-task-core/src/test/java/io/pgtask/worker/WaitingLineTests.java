package io.pgtask.worker;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;

import io.pgtask.store.ClaimedTask;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link WaitingLine}.
 */
class WaitingLineTests {

	private final WaitingLine line = new WaitingLine();

	@Test
	void tasksOfATypeKeepTheirOrder() {
		add("A1", "A2", "A3");
		assertThat(takeAll()).containsExactly("A1", "A2", "A3");
	}

	@Test
	void aTaskOfAnotherTypeDoesNotWaitForWhatWasClaimedAhead() {
		add("A1", "A2", "A3", "A4");
		add("B1");
		assertThat(takeAll()).containsExactly("A1", "B1", "A2", "A3", "A4");
	}

	@Test
	void everyTypeHasItsTurn() {
		add("A1", "A2", "A3", "B1", "B2", "C1");
		assertThat(takeAll()).containsExactly("A1", "B1", "C1", "A2", "B2", "A3");
	}

	@Test
	void aTypeThatComesAgainAndAgainDoesNotOvertakeTheOthers() {
		add("A1", "A2", "B1");
		assertThat(take()).isEqualTo("A1");
		assertThat(take()).isEqualTo("B1");
		add("B2");
		assertThat(takeAll()).containsExactly("A2", "B2");
	}

	@Test
	void itKnowsHowManyWait() {
		assertThat(this.line.isEmpty()).isTrue();
		assertThat(this.line.poll()).isNull();
		add("A1", "B1");
		assertThat(this.line.size()).isEqualTo(2);
		take();
		assertThat(this.line.size()).isEqualTo(1);
		take();
		assertThat(this.line.isEmpty()).isTrue();
	}

	private void add(String... names) {
		List<Execution> executions = new ArrayList<>();
		for (String name : names) {
			ClaimedTask task = new ClaimedTask(UUID.randomUUID(), UUID.randomUUID(), name.substring(0, 1), 4, name, 0,
					1, Map.of(), Instant.EPOCH, Instant.EPOCH, null, null, false, 0);
			executions.add(new Execution(task, Lease.sentAt(System.nanoTime(), Duration.ofMinutes(1), Instant.EPOCH)));
		}
		this.line.addAll(executions);
	}

	private List<String> takeAll() {
		List<String> taken = new ArrayList<>();
		while (!this.line.isEmpty()) {
			taken.add(take());
		}
		return taken;
	}

	private String take() {
		Execution next = this.line.poll();
		assertThat(next).isNotNull();
		return next.progress().text();
	}

}
