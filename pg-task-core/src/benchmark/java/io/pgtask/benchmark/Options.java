package io.pgtask.benchmark;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

import io.pgtask.benchmark.contender.Contenders;
import org.jspecify.annotations.Nullable;

/**
 * What to measure: the system properties that start with {@code benchmark.}; an empty one
 * counts as missing.
 *
 * @param quick whether it is enough to see that everything works ({@code quick}, false);
 * it makes the defaults of the next five small
 * @param tasks how many tasks the fastest contenders get to drain ({@code tasks},
 * 1,000,000); the slower ones and slower scenarios get a share
 * @param runs how often to measure everything ({@code runs}, 5), besides a first time
 * that does not count
 * @param seconds how long to enqueue where latency is measured ({@code seconds}, 20)
 * @param steadySeconds how long to watch the sizes of table and indexes
 * ({@code steady-seconds}, 300)
 * @param rows how many rows make a large table ({@code rows}, 1,000,000)
 * @param scenarios what to measure ({@code scenarios}, all), by name, separated by commas
 * @param entrants who takes part ({@code contenders}, all): names, separated by commas; a
 * name may be followed by {@code @} and a directory of classes of core, to compare
 * versions
 * @param url a server to measure on, with the user and the password if there are any
 * ({@code url}); otherwise one is started
 * @param output the file for the results as JSON ({@code output}, target/benchmark.json)
 * @param jvm more arguments for the JVMs of the contenders ({@code jvm}), separated by
 * spaces
 */
record Options(boolean quick, int tasks, int runs, int seconds, int steadySeconds, int rows, List<Scenario> scenarios,
		List<Entrant> entrants, @Nullable String url, Path output, List<String> jvm) {

	private static final int TASKS = 1_000_000;

	private static final int QUICK_TASKS = 2_000;

	private static final int RUNS = 5;

	private static final int SECONDS = 20;

	private static final int STEADY_SECONDS = 300;

	private static final int QUICK_STEADY_SECONDS = 4;

	private static final int ROWS = 1_000_000;

	private static final int QUICK_ROWS = 10_000;

	static Options fromSystemProperties() {
		boolean quick = Boolean.parseBoolean(property("quick", "false"));
		return new Options(quick, number("tasks", quick ? QUICK_TASKS : TASKS), number("runs", quick ? 1 : RUNS),
				number("seconds", quick ? 1 : SECONDS),
				number("steady-seconds", quick ? QUICK_STEADY_SECONDS : STEADY_SECONDS),
				number("rows", quick ? QUICK_ROWS : ROWS), list("scenarios", Scenarios.names(), Scenarios::of),
				list("contenders", Contenders.ids(), Entrant::of), emptyToNull(property("url", "")),
				Path.of(property("output", "target/benchmark.json")).toAbsolutePath(), words(property("jvm", "")));
	}

	private static <T> List<T> list(String name, List<String> defaults, Function<String, T> reader) {
		List<T> values = new ArrayList<>();
		for (String value : property(name, String.join(",", defaults)).split(",", -1)) {
			values.add(reader.apply(value.trim()));
		}
		return values;
	}

	private static int number(String name, int defaultValue) {
		String value = property(name, String.valueOf(defaultValue));
		try {
			int number = Integer.parseInt(value);
			if (number > 0) {
				return number;
			}
		}
		catch (NumberFormatException ex) {
			// The same fault as a number that is too small.
		}
		throw new IllegalArgumentException("benchmark.%s is '%s', not a positive number".formatted(name, value));
	}

	private static List<String> words(String text) {
		return text.isBlank() ? List.of() : List.of(text.trim().split("\\s+", -1));
	}

	private static @Nullable String emptyToNull(String text) {
		return text.isEmpty() ? null : text;
	}

	private static String property(String name, String defaultValue) {
		String value = System.getProperty("benchmark." + name, "");
		return value.isBlank() ? defaultValue : value.trim();
	}

}
