package io.pgtask.sample.order;

import java.math.BigDecimal;
import java.time.Instant;
import java.util.UUID;

import org.jspecify.annotations.Nullable;

/**
 * An order.
 *
 * @param id the order's id
 * @param product what is ordered
 * @param quantity how many
 * @param total what they cost
 * @param status how far it has come
 * @param paymentId the payment, or {@code null} before it is paid
 * @param notifiedAt when the customer was told how it ended, or {@code null} before that
 * @param taskId the task that fulfils it
 */
record Order(UUID id, String product, int quantity, BigDecimal total, OrderStatus status, @Nullable UUID paymentId,
		@Nullable Instant notifiedAt, UUID taskId) {
}
