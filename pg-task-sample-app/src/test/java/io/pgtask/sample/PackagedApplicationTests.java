package io.pgtask.sample;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.UUID;
import java.util.stream.Stream;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import org.springframework.http.MediaType;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * What a newcomer does: starts the application as the README says, kills it, starts it
 * again, and ends it by Ctrl-C. Runs when the application is packaged.
 */
class PackagedApplicationTests {

	private static final Duration TIMEOUT = Duration.ofMinutes(1);

	private static final String[] COMMON = { "--pg-task.worker.lease-timeout=3s",
			"--pg-task.worker.heartbeat-interval=1s", "--sample.payment.failure-rate=0",
			"--sample.order.shipping-delay=100ms" };

	/**
	 * Calls that take long enough to end the application meanwhile.
	 */
	private static final String SLOW_PAYMENT = "--sample.payment.latency=10s";

	@TempDir
	private Path directory;

	@Test
	void anOrderGoesOnAfterAKill() throws Exception {
		UUID order;
		ProcessHandle postgres;
		try (SampleProcess killed = start(SLOW_PAYMENT)) {
			order = place(killed);
			awaitStatus(killed, order, "RESERVED");
			postgres = postgres();
			killed.kill();
		}
		assertThat(postgres.isAlive()).isTrue();
		try (SampleProcess restarted = start()) {
			assertThat(restarted.output()).contains("Using the PostgreSQL that is running");
			assertThat(postgres()).isEqualTo(postgres);
			Order finished = awaitNotified(restarted, order);
			assertThat(finished.timeline()).extracting(Event::status)
				.containsExactly("PLACED", "RESERVED", "PAID", "SHIPPED");
			restarted.interrupt();
		}
		assertThat(postgres.onExit()).succeedsWithin(TIMEOUT);
	}

	@Test
	void controlCLetsRunningStepsEndBeforePostgresStops() throws Exception {
		try (SampleProcess sample = start(SLOW_PAYMENT)) {
			UUID order = place(sample);
			awaitStatus(sample, order, "RESERVED");
			ProcessHandle postgres = postgres();
			sample.interrupt();
			assertThat(postgres.onExit()).succeedsWithin(TIMEOUT);
			assertThat(sample.output()).containsSubsequence("Order " + order + ": paid",
					"HikariPool-1 - Shutdown completed.", "Stopped PostgreSQL");
			assertThat(sample.output()).doesNotContain(" Outage ", " ERROR ");
		}
	}

	@Test
	void twoNodesShareTheTableAndTheSecondGoesOnAlone() throws Exception {
		try (SampleProcess first = start(); SampleProcess second = start()) {
			List<UUID> orders = List.of(place(first), place(second));
			for (UUID order : orders) {
				awaitNotified(first, order);
				awaitNotified(second, order);
			}
			ProcessHandle postgres = postgres();
			first.interrupt();
			assertThat(first.output()).contains("PostgreSQL goes on for the other applications that use it");
			awaitNotified(second, place(second));
			assertThat(postgres()).isEqualTo(postgres);
			second.interrupt();
			assertThat(postgres.onExit()).succeedsWithin(TIMEOUT);
		}
	}

	@Test
	void theBillOfMaterialsNamesWhatIsInTheJar() throws Exception {
		try (SampleProcess sample = start()) {
			String bill = sample.rest()
				.get()
				.uri("/actuator/sbom/application")
				.exchange()
				.expectStatus()
				.isOk()
				.expectBody(String.class)
				.returnResult()
				.getResponseBody();
			assertThat(bill).contains("\"CycloneDX\"", "pkg:maven/io.pgtask/pg-task-core@",
					"pkg:maven/org.postgresql/postgresql@", "pkg:maven/org.springframework/spring-jdbc@");
			sample.interrupt();
		}
	}

	private SampleProcess start(String... properties) throws Exception {
		return SampleProcess.start(this.directory,
				Stream.concat(Stream.of(COMMON), Stream.of(properties)).toArray(String[]::new));
	}

	private ProcessHandle postgres() throws Exception {
		try (Stream<Path> files = Files.walk(this.directory, 2)) {
			Path pidFile = files.filter((file) -> file.endsWith("postmaster.pid")).findFirst().orElseThrow();
			return ProcessHandle.of(Long.parseLong(Files.readAllLines(pidFile).get(0))).orElseThrow();
		}
	}

	private static UUID place(SampleProcess sample) {
		Order placed = sample.rest()
			.post()
			.uri("/orders")
			.contentType(MediaType.APPLICATION_JSON)
			.body("{\"product\":\"book\",\"quantity\":1}")
			.exchange()
			.expectStatus()
			.isCreated()
			.expectBody(Order.class)
			.returnResult()
			.getResponseBody();
		return Objects.requireNonNull(placed).order().id();
	}

	private static Order get(SampleProcess sample, UUID order) {
		Order found = sample.rest()
			.get()
			.uri("/orders/{id}", order)
			.exchange()
			.expectStatus()
			.isOk()
			.expectBody(Order.class)
			.returnResult()
			.getResponseBody();
		return Objects.requireNonNull(found);
	}

	private static void awaitStatus(SampleProcess sample, UUID order, String status) {
		await().atMost(TIMEOUT).untilAsserted(() -> assertThat(get(sample, order).order().status()).isEqualTo(status));
	}

	private static Order awaitNotified(SampleProcess sample, UUID order) {
		return await().atMost(TIMEOUT).until(() -> get(sample, order), (found) -> found.order().notifiedAt() != null);
	}

	record Order(Details order, List<Event> timeline) {
	}

	record Details(UUID id, String status, @Nullable String notifiedAt) {
	}

	record Event(String status) {
	}

}
