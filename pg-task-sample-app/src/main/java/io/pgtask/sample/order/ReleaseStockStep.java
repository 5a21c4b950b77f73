package io.pgtask.sample.order;

import io.pgtask.NextStep;
import io.pgtask.Step;
import io.pgtask.StepContext;
import io.pgtask.TaskStep;

import org.springframework.transaction.annotation.Transactional;

/**
 * Puts the products of an order that was not paid back into the stock, once.
 */
@TaskStep(maxRetries = 5)
class ReleaseStockStep implements Step<FulfilOrder, FulfilOrder.ReleaseStock> {

	private final OrderRepository orders;

	private final ProductRepository products;

	ReleaseStockStep(OrderRepository orders, ProductRepository products) {
		this.orders = orders;
		this.products = products;
	}

	@Override
	@Transactional
	public NextStep<FulfilOrder> run(FulfilOrder.ReleaseStock state, StepContext context) {
		Order order = this.orders.getLocked(state.orderId());
		if (this.orders.advance(order.id(), OrderStatus.RESERVED, OrderStatus.DECLINED)) {
			this.products.giveBack(order.product(), order.quantity());
		}
		return NextStep.now(new FulfilOrder.NotifyCustomer(order.id()));
	}

}
