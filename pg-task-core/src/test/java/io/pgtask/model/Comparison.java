package io.pgtask.model;

import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Collectors;

import io.pgtask.store.ClaimKey;
import io.pgtask.worker.SteppedWorker;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Compares what there is with what there should be.
 */
final class Comparison {

	private final TableReader reader;

	private final ExpectedTable table;

	Comparison(TableReader reader, ExpectedTable table) {
		this.reader = reader;
		this.table = table;
	}

	/** Compare every row, and what each worker holds. */
	void compare(List<ExpectedWorker> expected, List<SteppedWorker> workers) {
		assertThat(this.reader.rows()).as("rows").containsExactlyInAnyOrderElementsOf(expectedRows());
		for (int i = 0; i < workers.size(); i++) {
			Set<ClaimKey> waiting = expected.get(i)
				.waiting()
				.stream()
				.map((execution) -> new ClaimKey(execution.id, execution.token))
				.collect(Collectors.toSet());
			assertThat(workers.get(i).waiting()).as("what worker %d holds and has not run", i).isEqualTo(waiting);
		}
	}

	private List<Row> expectedRows() {
		return this.table.tasks().stream().map((task) -> task.row(this.table.now())).toList();
	}

	/** Compare how all tasks have ended. */
	void compareEnds(TableMode mode) {
		assertThat(this.reader.rows()).as("rows that could not be ended").isEmpty();
		if (mode.recordsEnds()) {
			Map<UUID, List<End>> expectedEnds = this.table.ends()
				.entrySet()
				.stream()
				.collect(Collectors.toMap(Map.Entry::getKey, (end) -> List.of(end.getValue())));
			assertThat(this.reader.ends()).as("how the tasks have ended").isEqualTo(expectedEnds);
		}
	}

}
