package io.pgtask.sample.order;

import io.pgtask.NextStep;
import io.pgtask.Step;
import io.pgtask.StepContext;
import io.pgtask.TaskStep;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells the customer how the order ended.
 * <p>
 * If the node dies between the two lines, the customer gets the message twice. That is
 * what "at least once" means for an effect outside of the database that takes no
 * idempotency key: put the effect first if twice is better than never, as here.
 */
@TaskStep(maxRetries = 5)
class NotifyCustomerStep implements Step<FulfilOrder, FulfilOrder.NotifyCustomer> {

	private static final Logger logger = LoggerFactory.getLogger(NotifyCustomerStep.class);

	private final OrderRepository orders;

	NotifyCustomerStep(OrderRepository orders) {
		this.orders = orders;
	}

	@Override
	public NextStep<FulfilOrder> run(FulfilOrder.NotifyCustomer state, StepContext context) {
		Order order = this.orders.get(state.orderId());
		logger.info("Order {}: told the customer that it is {}", order.id(), order.status());
		this.orders.markNotified(order.id());
		return NextStep.done();
	}

}
