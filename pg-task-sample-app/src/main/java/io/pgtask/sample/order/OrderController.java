package io.pgtask.sample.order;

import java.util.List;
import java.util.UUID;

import org.jspecify.annotations.Nullable;

import org.springframework.http.HttpStatus;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.server.ResponseStatusException;
import org.springframework.web.util.UriComponentsBuilder;

/**
 * The REST API: {@code POST /orders}, {@code GET /orders} and {@code GET /orders/{id}}.
 */
@RestController
@RequestMapping("/orders")
class OrderController {

	private static final int LATEST = 20;

	private final OrderService service;

	private final OrderRepository orders;

	private final ProductRepository products;

	OrderController(OrderService service, OrderRepository orders, ProductRepository products) {
		this.service = service;
		this.orders = orders;
		this.products = products;
	}

	@PostMapping
	ResponseEntity<OrderDetails> place(@RequestBody NewOrder order, UriComponentsBuilder uri) {
		String product = requireKnown(order.product());
		int quantity = requirePositive(order.quantity());
		UUID id = this.service.place(product, quantity);
		return ResponseEntity.created(uri.path("/orders/{id}").build(id)).body(get(id));
	}

	@GetMapping
	List<Order> list() {
		return this.orders.findLatest(LATEST);
	}

	@GetMapping("/{id}")
	OrderDetails get(@PathVariable UUID id) {
		Order order = this.orders.find(id)
			.orElseThrow(() -> new ResponseStatusException(HttpStatus.NOT_FOUND, "There is no order " + id));
		return new OrderDetails(order, this.orders.findEvents(id));
	}

	private String requireKnown(@Nullable String product) {
		List<String> names = this.products.findNames();
		if (product == null || !names.contains(product)) {
			throw badRequest("product must be one of " + String.join(", ", names) + " but is " + product);
		}
		return product;
	}

	private static int requirePositive(@Nullable Integer quantity) {
		if (quantity == null || quantity < 1) {
			throw badRequest("quantity must be 1 or more but is " + quantity);
		}
		return quantity;
	}

	private static ResponseStatusException badRequest(String reason) {
		return new ResponseStatusException(HttpStatus.BAD_REQUEST, reason);
	}

	record NewOrder(@Nullable String product, @Nullable Integer quantity) {
	}

	record OrderDetails(Order order, List<OrderEvent> timeline) {
	}

}
