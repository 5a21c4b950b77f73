package io.pgtask.faults;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

import io.pgtask.test.EmbeddedServer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * The suite is able to fail: a broken engine is found out in what an unbroken one passes.
 */
@Tag("faults")
@DisabledOnOs(OS.WINDOWS)
class MutationTests {

	private static final Patch NONE = new Patch() {
	};

	private static EmbeddedServer server;

	@TempDir
	private Path directory;

	@BeforeAll
	static void start() {
		Map<String, String> settings = new HashMap<>(EmbeddedServer.DURABLE);
		// Its commits would write what a transition has left to the server's leisure.
		settings.put("autovacuum", "off");
		server = EmbeddedServer.create(settings);
	}

	@AfterAll
	static void stop() {
		server.close();
	}

	@ParameterizedTest
	@EnumSource
	void aMutationOfTheEngineIsCaught(Mutation mutation) throws Exception {
		try (Stage stage = stage("unbroken", NONE)) {
			mutation.exposure().play(stage);
			assertThat(stage.violations()).isEmpty();
		}
		try (Stage stage = stage("broken", mutation.patch())) {
			mutation.exposure().play(stage);
			List<Violation> violations = stage.violations();
			assertThat(stage.uses()).as("how often the engine was mutated").isPositive();
			assertThat(violations).extracting(Violation::invariant).contains(mutation.broken());
		}
	}

	private Stage stage(String name, Patch patch) throws Exception {
		return new Stage(server, Files.createDirectories(this.directory.resolve(name)), patch);
	}

}
