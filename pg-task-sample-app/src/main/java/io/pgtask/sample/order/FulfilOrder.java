package io.pgtask.sample.order;

import java.util.UUID;

/**
 * The task that fulfils an order. Its states carry the order's id and nothing else: what
 * is known of the order is in the order's own table.
 *
 * <pre>
 * ReserveStock ──▶ ChargePayment ──after a delay──▶ ShipOrder ──▶ NotifyCustomer
 *      │                 └─ declined ─▶ ReleaseStock ──────────────────▲
 *      └─ out of stock ────────────────────────────────────────────────┘
 * </pre>
 */
sealed interface FulfilOrder {

	UUID orderId();

	record ReserveStock(UUID orderId) implements FulfilOrder {
	}

	record ChargePayment(UUID orderId) implements FulfilOrder {
	}

	record ReleaseStock(UUID orderId) implements FulfilOrder {
	}

	record ShipOrder(UUID orderId) implements FulfilOrder {
	}

	record NotifyCustomer(UUID orderId) implements FulfilOrder {
	}

}
