package io.pgtask.sample;

import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.UUID;
import java.util.stream.Stream;

import io.pgtask.TaskAdmin;
import io.pgtask.TaskInfo;
import io.pgtask.TaskState;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.resttestclient.autoconfigure.AutoConfigureRestTestClient;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.boot.test.context.SpringBootTest.WebEnvironment;
import org.springframework.context.annotation.Import;
import org.springframework.http.MediaType;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.test.web.servlet.client.RestTestClient;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * Shows how to test an application with tasks: start all of it, do what a user does, and
 * wait until the task has ended. A task that has ended has no row, one that needs help is
 * in state {@link TaskState#ERRORED}.
 */
@SpringBootTest(webEnvironment = WebEnvironment.RANDOM_PORT,
		properties = { "sample.payment.failure-rate=0", "sample.payment.latency=1ms",
				"sample.order.payment-retry-delay=10ms", "sample.order.shipping-delay=100ms" })
@AutoConfigureRestTestClient
@Import(TestPostgres.class)
class OrderFlowTests {

	private static final Duration TIMEOUT = Duration.ofMinutes(1);

	@Autowired
	private RestTestClient rest;

	@Autowired
	private TaskAdmin tasks;

	@Autowired
	private JdbcClient jdbc;

	@BeforeEach
	void mendPaymentService() {
		setFailureRate(0);
	}

	@Test
	void anOrderIsPaidShippedAndAnnounced() {
		Order order = place("book", 2);
		awaitEnd(order);
		assertThat(get(order).order().notifiedAt()).isNotNull();
		assertThat(get(order).timeline()).extracting(Event::status)
			.containsExactly("PLACED", "RESERVED", "PAID", "SHIPPED");
	}

	@Test
	void anUnreliablePaymentServiceIsAskedAgainAndPaidOnce() {
		setFailureRate(0.3);
		List<Order> orders = Stream.generate(() -> place("book", 1)).limit(10).toList();
		orders.forEach(this::awaitEnd);
		assertThat(orders).allSatisfy((order) -> {
			assertThat(get(order).order().status()).isEqualTo("SHIPPED");
			assertThat(countPayments(order)).isOne();
		});
	}

	@Test
	void anOrderWaitsForHelpWhenThePaymentServiceIsDownForLongAndGoesOnAfterwards() {
		setFailureRate(1);
		Order order = place("book", 1);
		TaskInfo parked = awaitParked(order);
		assertThat(parked.step()).isEqualTo("ChargePayment");
		assertThat(parked.tried()).isEqualTo(9);
		setFailureRate(0);
		this.tasks.retry(order.taskId());
		awaitEnd(order);
		assertThat(get(order).order().status()).isEqualTo("SHIPPED");
		assertThat(countPayments(order)).isOne();
	}

	@Test
	void anOrderWaitsForHelpAtOnceWhenThePaymentServiceRefusesTheShop() {
		setUpPaymentService("{\"failureRate\":0,\"keyExpired\":true}");
		Order order = place("book", 1);
		TaskInfo parked = awaitParked(order);
		assertThat(parked.tried()).isEqualTo(1);
		assertThat(parked.error()).endsWith("PaymentRefusedException: 401 Unauthorized");
		setFailureRate(0);
		this.tasks.retry(order.taskId());
		awaitEnd(order);
		assertThat(get(order).order().status()).isEqualTo("SHIPPED");
	}

	@Test
	void anOrderWaitsWithoutAnAttemptWhileThePaymentServiceIsInMaintenance() {
		setUpPaymentService("{\"failureRate\":0,\"inMaintenance\":true}");
		Order order = place("book", 1);
		await().atMost(TIMEOUT)
			.until(() -> this.tasks.find(order.taskId()).orElseThrow().lastError(),
					"The payment service is in maintenance"::equals);
		assertThat(this.tasks.find(order.taskId()).orElseThrow().tried()).isZero();
		setFailureRate(0);
		awaitEnd(order);
		assertThat(get(order).order().status()).isEqualTo("SHIPPED");
	}

	@Test
	void anOrderOfMoreThanThereIsEndsOutOfStock() {
		Order order = place("lamp", 1000);
		awaitEnd(order);
		assertThat(get(order).order().status()).isEqualTo("OUT_OF_STOCK");
		assertThat(get(order).order().notifiedAt()).isNotNull();
		assertThat(countPayments(order)).isZero();
	}

	@Test
	void aDeclinedPaymentPutsTheStockBack() {
		int before = stockOf("piano");
		Order order = place("piano", 1);
		awaitEnd(order);
		assertThat(get(order).timeline()).extracting(Event::status).containsExactly("PLACED", "RESERVED", "DECLINED");
		assertThat(stockOf("piano")).isEqualTo(before);
	}

	@Test
	void anOrderOfAnUnknownProductIsRefused() {
		post("{\"product\":\"boat\",\"quantity\":1}").expectStatus()
			.isBadRequest()
			.expectBody()
			.jsonPath("$.detail")
			.isEqualTo("product must be one of book, lamp, piano but is boat");
	}

	@Test
	void anOrderOfNothingIsRefused() {
		post("{\"product\":\"book\",\"quantity\":0}").expectStatus()
			.isBadRequest()
			.expectBody()
			.jsonPath("$.detail")
			.isEqualTo("quantity must be 1 or more but is 0");
	}

	@Test
	void anUnknownOrderIsNotFound() {
		this.rest.get().uri("/orders/{id}", UUID.randomUUID()).exchange().expectStatus().isNotFound();
	}

	@Test
	void theLatestOrderIsListedFirst() {
		Order order = place("book", 1);
		this.rest.get().uri("/orders").exchange().expectBody().jsonPath("$[0].id").isEqualTo(order.id().toString());
	}

	// tag::await[]
	private void awaitEnd(Order order) {
		await().atMost(TIMEOUT).untilAsserted(() -> assertThat(this.tasks.find(order.taskId())).isEmpty());
	}
	// end::await[]

	private TaskInfo awaitParked(Order order) {
		return await().atMost(TIMEOUT)
			.until(() -> this.tasks.find(order.taskId()).orElseThrow(), (task) -> task.state() == TaskState.ERRORED);
	}

	private Order place(String product, int quantity) {
		OrderDetails placed = post("{\"product\":\"%s\",\"quantity\":%d}".formatted(product, quantity)).expectStatus()
			.isCreated()
			.expectBody(OrderDetails.class)
			.returnResult()
			.getResponseBody();
		return Objects.requireNonNull(placed).order();
	}

	private OrderDetails get(Order order) {
		OrderDetails details = this.rest.get()
			.uri("/orders/{id}", order.id())
			.exchange()
			.expectStatus()
			.isOk()
			.expectBody(OrderDetails.class)
			.returnResult()
			.getResponseBody();
		return Objects.requireNonNull(details);
	}

	private RestTestClient.ResponseSpec post(String json) {
		return this.rest.post().uri("/orders").contentType(MediaType.APPLICATION_JSON).body(json).exchange();
	}

	private void setFailureRate(double failureRate) {
		setUpPaymentService("{\"failureRate\":%s}".formatted(failureRate));
	}

	private void setUpPaymentService(String simulation) {
		this.rest.put()
			.uri("/payment-service")
			.contentType(MediaType.APPLICATION_JSON)
			.body(simulation)
			.exchange()
			.expectStatus()
			.isOk();
	}

	private long countPayments(Order order) {
		return this.jdbc.sql("SELECT count(*) FROM payment WHERE idempotency_key = :id")
			.param("id", order.id())
			.query(Long.class)
			.single();
	}

	private int stockOf(String product) {
		return this.jdbc.sql("SELECT stock FROM product WHERE name = :name")
			.param("name", product)
			.query(Integer.class)
			.single();
	}

	record OrderDetails(Order order, List<Event> timeline) {
	}

	record Order(UUID id, UUID taskId, String status, @Nullable String notifiedAt) {
	}

	record Event(String status) {
	}

}
