package io.pgtask.faults;

import java.nio.file.Path;
import java.time.Duration;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * The suite notices when the engine is broken. Takes minutes, and is therefore only run
 * on request.
 */
@Tag("faults")
@EnabledIfSystemProperty(named = "pgtask.faults.mutations", matches = "true")
class MutationTests {

	private static final Logger logger = LoggerFactory.getLogger(MutationTests.class);

	@TempDir
	private Path directory;

	@ParameterizedTest
	@EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "NONE")
	void aBrokenEngineIsNoticed(Mutation mutation) throws Exception {
		FaultRun.Verdict verdict = new FaultRun(mutation.scenario(), Long.getLong("pgtask.faults.seed", 1),
				Duration.ofSeconds(Integer.getInteger("pgtask.faults.duration", 15)), 50, 3, mutation, this.directory)
			.run();
		logger.info("{}:\n{}", mutation, verdict);
		assertThat(verdict.violations()).extracting(Violation::invariant).containsAnyOf(mutation.broken());
	}

}
