package io.pgtask.sample.order;

import io.pgtask.NextStep;
import io.pgtask.Step;
import io.pgtask.StepContext;
import io.pgtask.TaskStep;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import org.springframework.transaction.annotation.Transactional;

/**
 * Takes the products out of the stock.
 * <p>
 * A step runs again if its node dies before the transition is saved. Stock and status
 * change in one transaction, so a repetition finds the order reserved and only decides
 * where to go.
 */
@TaskStep(maxRetries = 5)
class ReserveStockStep implements Step<FulfilOrder, FulfilOrder.ReserveStock> {

	private static final Logger logger = LoggerFactory.getLogger(ReserveStockStep.class);

	private final OrderRepository orders;

	private final ProductRepository products;

	ReserveStockStep(OrderRepository orders, ProductRepository products) {
		this.orders = orders;
		this.products = products;
	}

	@Override
	@Transactional
	public NextStep<FulfilOrder> run(FulfilOrder.ReserveStock state, StepContext context) {
		Order order = this.orders.getLocked(state.orderId());
		boolean reserved = (order.status() == OrderStatus.PLACED) ? reserve(order)
				: order.status() != OrderStatus.OUT_OF_STOCK;
		return NextStep
			.now(reserved ? new FulfilOrder.ChargePayment(order.id()) : new FulfilOrder.NotifyCustomer(order.id()));
	}

	private boolean reserve(Order order) {
		boolean enough = this.products.take(order.product(), order.quantity());
		this.orders.advance(order.id(), order.status(), enough ? OrderStatus.RESERVED : OrderStatus.OUT_OF_STOCK);
		logger.info("Order {}: {} {} {}", order.id(), order.quantity(), order.product(),
				enough ? "reserved" : "not in stock");
		return enough;
	}

}
