package io.pgtask.autoconfigure;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Stream;

import io.pgtask.PgTaskConfigurationException;
import io.pgtask.store.HistorySettings;
import io.pgtask.store.HousekeepingSettings;
import io.pgtask.worker.FailureSettings;
import io.pgtask.worker.WorkerSettings;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.source.MapConfigurationPropertySource;
import org.springframework.boot.web.server.context.WebServerApplicationContext;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * Tests for {@link PgTaskProperties} and for what is told about all properties.
 */
class PgTaskPropertiesTests {

	/** What nothing can be said about when it is not set. */
	private static final Set<String> WITHOUT_DEFAULT = Set.of("pg-task.schema", "pg-task.await.listen", "pg-task.steps",
			"pg-task.worker.step-timeout", "pg-task.retry.multiplier", "pg-task.retry.max-delay",
			"pg-task.retry.policy", "pg-task.dead-letters.after", "management.endpoint.pgtask.roles");

	private static final Path DOCUMENTATION = Path.of("..", "docs", "configuration.md");

	private static final Pattern ROW = Pattern.compile("\\| `((?:pg-task|management)\\.[^`]+)` \\|.*");

	@Test
	void everyPropertyHasADescriptionByTheRulesOfSpringBoot() {
		assertThat(properties()).isNotEmpty().allSatisfy((property) -> {
			String description = property.path("description").asString("");
			assertThat(description).as(name(property)).matches("(?s)\\p{Upper}.*\\.").doesNotMatch("(The|A|An) .*");
			if (property.path("type").asString().equals("java.lang.Boolean")) {
				assertThat(description).as(name(property)).startsWith("Whether ");
			}
		});
	}

	@Test
	void everyPropertyHasADefault() {
		assertThat(properties()).filteredOn((property) -> !property.has("defaultValue"))
			.extracting(PgTaskPropertiesTests::name)
			.containsExactlyInAnyOrderElementsOf(WITHOUT_DEFAULT);
	}

	@Test
	void everyPropertyIsDocumentedWithItsDefaultAndDescription() throws IOException {
		List<String> lines = Files.readAllLines(DOCUMENTATION);
		assertThat(properties()).allSatisfy((property) -> assertThat(lines).contains(row(property)));
	}

	@Test
	void noOtherPropertyIsDocumented() throws IOException {
		Set<String> documented = new TreeSet<>();
		try (Stream<String> lines = Files.lines(DOCUMENTATION)) {
			lines.map(ROW::matcher).filter((row) -> row.matches()).forEach((row) -> documented.add(row.group(1)));
		}
		assertThat(documented)
			.containsExactlyInAnyOrderElementsOf(properties().stream().map(PgTaskPropertiesTests::name).toList());
	}

	@Test
	void theDefaultsAreThoseOfAWorkerThatIsNotConfigured() {
		assertThat(bind(Map.of()).worker().toSettings()).isEqualTo(WorkerSettings.DEFAULT);
	}

	@Test
	void byDefaultNothingIsKeptOfTasksThatHaveEnded() {
		assertThat(bind(Map.of()).toHistorySettings()).isEqualTo(HistorySettings.NONE);
		assertThat(bind(Map.of()).toHousekeepingSettings()).isEqualTo(HousekeepingSettings.DEFAULT);
		assertThat(bind(Map.of("pg-task.history.enabled", "true")).toHistorySettings()).isEqualTo(HistorySettings.ALL);
	}

	@Test
	void theDefaultsOfFailuresAndRetriesAreThoseOfTheEngine() {
		assertThat(bind(Map.of()).failures().toSettings()).isEqualTo(FailureSettings.DEFAULT);
		assertThat(bind(Map.of()).steps()).isEmpty();
	}

	@Test
	void theDefaultPhaseIsThatOfTheWebServersGracefulShutdown() {
		assertThat(bind(Map.of()).worker().phase()).isEqualTo(WebServerApplicationContext.GRACEFUL_SHUTDOWN_PHASE);
	}

	@Test
	void aDurationThatMakesNoSenseIsToldWithItsProperty() {
		PgTaskProperties properties = bind(
				Map.of("pg-task.metrics.count-interval", "0s", "pg-task.health.outage-tolerance", "-1s"));
		assertThatExceptionOfType(PgTaskConfigurationException.class)
			.isThrownBy(properties.metrics()::requireCountInterval)
			.withMessage("pg-task.metrics.count-interval must be longer than zero but is PT0S");
		assertThatExceptionOfType(PgTaskConfigurationException.class)
			.isThrownBy(properties.health()::requireOutageTolerance)
			.withMessage("pg-task.health.outage-tolerance must be longer than zero but is PT-1S");
		assertThat(bind(Map.of()).metrics().requireCountInterval()).isEqualTo(Duration.ofSeconds(10));
	}

	private static PgTaskProperties bind(Map<String, String> properties) {
		return new Binder(new MapConfigurationPropertySource(properties)).bindOrCreate("pg-task",
				PgTaskProperties.class);
	}

	private static String row(JsonNode property) {
		JsonNode value = property.path("defaultValue");
		return "| `%s` | %s | %s |".formatted(name(property),
				value.isMissingNode() ? "" : "`" + value.asString().replace('_', '-') + "`",
				property.path("description").asString());
	}

	private static String name(JsonNode property) {
		return property.path("name").asString();
	}

	private static List<JsonNode> properties() {
		String location = "/META-INF/spring-configuration-metadata.json";
		try (InputStream metadata = PgTaskProperties.class.getResourceAsStream(location)) {
			JsonNode properties = JsonMapper.shared().readTree(metadata).path("properties");
			return properties.valueStream().filter((property) -> !property.has("deprecated")).toList();
		}
		catch (IOException ex) {
			throw new IllegalStateException(ex);
		}
	}

}
