package io.pgtask.sample.order;

import io.pgtask.NextStep;
import io.pgtask.Step;
import io.pgtask.StepContext;
import io.pgtask.TaskStep;

/**
 * Puts the products of an order that was not paid back into the stock.
 * <p>
 * The step is transactional: what it writes is committed together with its transition,
 * and so it need not look whether it has been here before.
 */
// tag::transactional[]
@TaskStep(transactional = true, maxRetries = 5)
class ReleaseStockStep implements Step<FulfilOrder, FulfilOrder.ReleaseStock> {

	private final OrderRepository orders;

	private final ProductRepository products;

	ReleaseStockStep(OrderRepository orders, ProductRepository products) {
		this.orders = orders;
		this.products = products;
	}

	@Override
	public NextStep<FulfilOrder> run(FulfilOrder.ReleaseStock state, StepContext context) {
		Order order = this.orders.get(state.orderId());
		this.orders.advance(order.id(), OrderStatus.RESERVED, OrderStatus.DECLINED);
		this.products.giveBack(order.product(), order.quantity());
		return NextStep.now(new FulfilOrder.NotifyCustomer(order.id()));
	}

}
// end::transactional[]
