package io.pgtask.sample.order;

import java.util.UUID;

import io.pgtask.NextStep;
import io.pgtask.StepContext;
import io.pgtask.TaskAdmin;
import io.pgtask.TaskQuery;
import io.pgtask.sample.TestPostgres;
import org.junit.jupiter.api.Test;

import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.context.annotation.Import;
import org.springframework.dao.DataIntegrityViolationException;
import org.springframework.jdbc.core.simple.JdbcClient;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.mockito.Mockito.mock;

/**
 * Shows how to test steps one by one: no worker runs, the test calls them itself. Every
 * step that is not transactional must bear to be called twice.
 */
@SpringBootTest(properties = { "pg-task.worker.enabled=false", "sample.payment.failure-rate=0" })
@Import(TestPostgres.class)
class OrderStepsTests {

	private final StepContext context = mock(StepContext.class);

	@Autowired
	private OrderService service;

	@Autowired
	private OrderRepository orders;

	@Autowired
	private ReserveStockStep reserveStock;

	@Autowired
	private ChargePaymentStep chargePayment;

	@Autowired
	private ReleaseStockStep releaseStock;

	@Autowired
	private ShipOrderStep shipOrder;

	@Autowired
	private TaskAdmin tasks;

	@Autowired
	private JdbcClient jdbc;

	@Test
	void anOrderThatCannotBeTakenLeavesNoTask() {
		long before = countTasks();
		assertThatExceptionOfType(DataIntegrityViolationException.class)
			.isThrownBy(() -> this.service.place("no such product", 1));
		assertThat(countTasks()).isEqualTo(before);
	}

	@Test
	void stockIsReservedOnce() {
		UUID id = this.service.place("book", 3);
		int before = stockOf("book");
		FulfilOrder.ReserveStock state = new FulfilOrder.ReserveStock(id);
		NextStep<FulfilOrder> expected = NextStep.now(new FulfilOrder.ChargePayment(id));
		assertThat(this.reserveStock.run(state, this.context)).isEqualTo(expected);
		assertThat(this.reserveStock.run(state, this.context)).isEqualTo(expected);
		assertThat(stockOf("book")).isEqualTo(before - 3);
	}

	@Test
	void anOrderStaysOutOfStock() {
		UUID id = this.service.place("lamp", 1000);
		FulfilOrder.ReserveStock state = new FulfilOrder.ReserveStock(id);
		NextStep<FulfilOrder> expected = NextStep.now(new FulfilOrder.NotifyCustomer(id));
		assertThat(this.reserveStock.run(state, this.context)).isEqualTo(expected);
		this.jdbc.sql("UPDATE product SET stock = stock + 1000 WHERE name = 'lamp'").update();
		assertThat(this.reserveStock.run(state, this.context)).isEqualTo(expected);
	}

	@Test
	void anOrderIsChargedOnce() throws Exception {
		UUID id = reserved("book");
		FulfilOrder.ChargePayment state = new FulfilOrder.ChargePayment(id);
		NextStep<FulfilOrder> first = this.chargePayment.run(state, this.context);
		UUID payment = this.orders.get(id).paymentId();
		assertThat(payment).isNotNull();
		assertThat(this.chargePayment.run(state, this.context)).isEqualTo(first);
		assertThat(this.orders.get(id).paymentId()).isEqualTo(payment);
		assertThat(this.orders.findEvents(id)).extracting(OrderEvent::status)
			.containsExactly(OrderStatus.PLACED, OrderStatus.RESERVED, OrderStatus.PAID);
	}

	@Test
	void theStockOfAnOrderThatWasDeclinedIsReleased() {
		UUID id = reserved("piano");
		int before = stockOf("piano");
		this.releaseStock.run(new FulfilOrder.ReleaseStock(id), this.context);
		assertThat(stockOf("piano")).isEqualTo(before + 1);
		assertThat(this.orders.get(id).status()).isEqualTo(OrderStatus.DECLINED);
	}

	@Test
	void anOrderIsShippedOnce() throws Exception {
		UUID id = reserved("book");
		this.chargePayment.run(new FulfilOrder.ChargePayment(id), this.context);
		this.shipOrder.run(new FulfilOrder.ShipOrder(id), this.context);
		this.shipOrder.run(new FulfilOrder.ShipOrder(id), this.context);
		assertThat(this.orders.findEvents(id)).extracting(OrderEvent::status)
			.containsExactly(OrderStatus.PLACED, OrderStatus.RESERVED, OrderStatus.PAID, OrderStatus.SHIPPED);
	}

	private UUID reserved(String product) {
		UUID id = this.service.place(product, 1);
		this.reserveStock.run(new FulfilOrder.ReserveStock(id), this.context);
		return id;
	}

	private long countTasks() {
		return this.tasks.find(TaskQuery.all().limit(TaskQuery.MAX_LIMIT)).size();
	}

	private int stockOf(String product) {
		return this.jdbc.sql("SELECT stock FROM product WHERE name = :name")
			.param("name", product)
			.query(Integer.class)
			.single();
	}

}
