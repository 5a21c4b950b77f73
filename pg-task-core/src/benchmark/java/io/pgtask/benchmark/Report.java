package io.pgtask.benchmark;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;

import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;

/**
 * Everything that the benchmark has found out.
 *
 * @param started when it was started
 * @param machine what it ran on
 * @param server how the server was configured
 * @param options what was asked for
 * @param contenders how the contenders were configured, by their names
 * @param verdict whether the floor can be compared with
 * @param goals which of its goals pg-task has reached
 * @param results the results
 */
record Report(Instant started, Map<String, String> machine, Map<String, String> server, String options,
		Map<String, String> contenders, FloorVerdict verdict, List<Goals.Verdict> goals, List<ScenarioResult> results) {

	void print() {
		System.out.printf("%n%s%n%s%nWAL, commits, statements and processor times are per task.%n",
				new Table(this.results), this.verdict.text());
		printFigures();
		printGoals();
	}

	private void printFigures() {
		for (ScenarioResult result : this.results) {
			Measurement median = result.getMedian();
			if (median != null && !median.figures().isEmpty()) {
				System.out.printf("%n%s, %s:%n", result.scenario(), result.entrant());
				median.figures().forEach((name, value) -> System.out.printf("- %s: %,.2f%n", name, value));
			}
		}
	}

	private void printGoals() {
		if (this.goals.isEmpty()) {
			return;
		}
		System.out.printf("%n| goal of pg-task | required | measured | |%n|---|---|---|---|%n");
		for (Goals.Verdict goal : this.goals) {
			System.out.printf("| %s | %s | %,.3f | %s |%n", goal.goal(), goal.required(), goal.measured(),
					goal.met() ? "met" : "**missed**");
		}
	}

	void write(Path file) throws IOException {
		Path directory = file.getParent();
		if (directory != null) {
			Files.createDirectories(directory);
		}
		JsonMapper.builder().enable(SerializationFeature.INDENT_OUTPUT).build().writeValue(file, this);
		System.out.printf("All figures: %s%n", file);
	}

	boolean hasFailures() {
		return this.results.stream().anyMatch((result) -> result.failure() != null);
	}

}
