package io.pgtask.sample.order;

import java.time.Instant;

/**
 * When an order entered a status.
 *
 * @param status the status
 * @param at when it did
 */
record OrderEvent(OrderStatus status, Instant at) {
}
