package io.pgtask.benchmark;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;

import org.jspecify.annotations.Nullable;

/**
 * The results as a Markdown table that can also be read as it is.
 */
final class Table {

	private static final String NOTHING = "–";

	private static final List<String> HEAD = List.of("scenario", "contender", "tasks/s", "slowest to fastest",
			"of floor", "p50 ms", "p95 ms", "p99 ms", "max ms", "WAL B", "commits", "statements", "JVM µs",
			"server µs");

	private static final int TEXT_COLUMNS = 2;

	private final List<List<String>> rows = new ArrayList<>();

	Table(List<ScenarioResult> results) {
		results.forEach((result) -> this.rows.add(row(result, floor(result.scenario(), results))));
	}

	private static double floor(String scenario, List<ScenarioResult> results) {
		return results.stream()
			.filter((result) -> result.scenario().equals(scenario) && result.entrant().equals("floor"))
			.map(ScenarioResult::getMedian)
			.mapToDouble((median) -> (median != null) ? median.tasksPerSecond() : 0)
			.findFirst()
			.orElse(0);
	}

	private static List<String> row(ScenarioResult result, double floor) {
		List<String> cells = new ArrayList<>(List.of(result.scenario(), result.entrant()));
		Measurement median = result.getMedian();
		if (median == null) {
			cells.add("failed");
			while (cells.size() < HEAD.size()) {
				cells.add(NOTHING);
			}
			return cells;
		}
		cells.add(format("%,.0f", median.tasksPerSecond()) + ((result.failure() != null) ? " (failed)" : ""));
		cells.add(range(result.runs()));
		cells.add((floor > 0) ? format("%.2f", median.tasksPerSecond() / floor) : NOTHING);
		Latency latency = median.latency();
		for (Function<Latency, Double> value : List.<Function<Latency, Double>>of(Latency::p50, Latency::p95,
				Latency::p99, Latency::max)) {
			cells.add(format("%,.2f", (latency != null) ? value.apply(latency) : null));
		}
		cells.add(format("%,.0f", median.walBytes()));
		cells.add(format("%.4f", median.commits()));
		cells.add(format("%.4f", median.statements()));
		cells.add(format("%,.0f", median.jvmMicros()));
		cells.add(format("%,.0f", median.serverMicros()));
		return cells;
	}

	private static String range(List<Measurement> runs) {
		double slowest = runs.stream().mapToDouble(Measurement::tasksPerSecond).min().orElseThrow();
		double fastest = runs.stream().mapToDouble(Measurement::tasksPerSecond).max().orElseThrow();
		return format("%,.0f", slowest) + " to " + format("%,.0f", fastest);
	}

	private static String format(String format, @Nullable Double value) {
		return (value != null) ? String.format(Locale.ROOT, format, value) : NOTHING;
	}

	@Override
	public String toString() {
		int[] widths = new int[HEAD.size()];
		for (int column = 0; column < widths.length; column++) {
			widths[column] = HEAD.get(column).length();
			for (List<String> row : this.rows) {
				widths[column] = Math.max(widths[column], row.get(column).length());
			}
		}
		StringBuilder text = new StringBuilder();
		append(text, HEAD, widths);
		appendRule(text, widths);
		this.rows.forEach((row) -> append(text, row, widths));
		return text.toString();
	}

	private static void append(StringBuilder text, List<String> cells, int[] widths) {
		for (int column = 0; column < widths.length; column++) {
			String format = (column < TEXT_COLUMNS) ? "| %%-%ds " : "| %%%ds ";
			text.append(format.formatted(widths[column]).formatted(cells.get(column)));
		}
		text.append("|%n".formatted());
	}

	private static void appendRule(StringBuilder text, int[] widths) {
		for (int column = 0; column < widths.length; column++) {
			text.append('|').append("-".repeat(widths[column] + 1)).append((column < TEXT_COLUMNS) ? '-' : ':');
		}
		text.append("|%n".formatted());
	}

}
