package io.pgtask.faults;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Every promise holds whatever fails. The short form is one of the tests; the properties
 * {@code pgtask.faults.scenario}, {@code seed}, {@code duration} and {@code rate} make a
 * long one.
 */
@Tag("faults")
@DisabledOnOs(OS.WINDOWS)
class FaultTests {

	private static final Logger logger = LoggerFactory.getLogger(FaultTests.class);

	@TempDir
	private Path directory;

	static List<FaultRun> runs() {
		String scenarios = System.getProperty("pgtask.faults.scenario", "kill-1,crash-backlog");
		List<Scenario> chosen = scenarios.equals("all") ? List.of(Scenario.values())
				: Arrays.stream(scenarios.split(",")).map(Scenario::of).toList();
		return chosen.stream()
			.map((scenario) -> new FaultRun(scenario, Long.getLong("pgtask.faults.seed", 1),
					Duration.ofSeconds(Integer.getInteger("pgtask.faults.duration", 6)),
					Integer.getInteger("pgtask.faults.rate", 50), Integer.getInteger("pgtask.faults.nodes", 3),
					Path.of("")))
			.toList();
	}

	@ParameterizedTest
	@MethodSource("runs")
	void everyPromiseHolds(FaultRun run) throws Exception {
		Path own = Files.createDirectories(this.directory.resolve(run.scenario().label()));
		FaultRun.Verdict verdict = run.in(own).run();
		logger.info("The history proves:\n{}", verdict);
		assertThat(verdict.isGood()).as(verdict.toString()).isTrue();
	}

}
