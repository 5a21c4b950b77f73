package io.pgtask.sample.order;

import java.util.UUID;

import io.pgtask.OnConflict;
import io.pgtask.TaskClient;
import io.pgtask.TaskOptions;

import org.springframework.stereotype.Service;
import org.springframework.transaction.annotation.Transactional;

/**
 * Takes orders.
 */
@Service
class OrderService {

	private final OrderRepository orders;

	private final TaskClient tasks;

	OrderService(OrderRepository orders, TaskClient tasks) {
		this.orders = orders;
		this.tasks = tasks;
	}

	// tag::enqueue[]
	@Transactional
	public UUID place(String product, int quantity) {
		UUID id = UUID.randomUUID();
		// One transaction: there is never an order without its task, nor a task without
		// its order.
		UUID taskId = this.tasks.enqueue(new FulfilOrder.ReserveStock(id),
				TaskOptions.DEFAULT.withTags("order").withUniqueKey(id.toString(), OnConflict.REJECT));
		this.orders.insert(id, product, quantity, taskId);
		return id;
	}
	// end::enqueue[]

}
