package io.pgtask.sample.order;

import io.pgtask.NextStep;
import io.pgtask.Step;
import io.pgtask.StepContext;
import io.pgtask.TaskStep;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import org.springframework.transaction.annotation.Transactional;

/**
 * Hands the order over to the carrier.
 */
@TaskStep(maxRetries = 5)
class ShipOrderStep implements Step<FulfilOrder, FulfilOrder.ShipOrder> {

	private static final Logger logger = LoggerFactory.getLogger(ShipOrderStep.class);

	private final OrderRepository orders;

	ShipOrderStep(OrderRepository orders) {
		this.orders = orders;
	}

	@Override
	@Transactional
	public NextStep<FulfilOrder> run(FulfilOrder.ShipOrder state, StepContext context) {
		if (this.orders.advance(state.orderId(), OrderStatus.PAID, OrderStatus.SHIPPED)) {
			logger.info("Order {}: shipped", state.orderId());
		}
		return NextStep.now(new FulfilOrder.NotifyCustomer(state.orderId()));
	}

}
