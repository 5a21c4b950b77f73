package io.pgtask.sample.order;

/**
 * How far an order has come.
 */
enum OrderStatus {

	PLACED, RESERVED, OUT_OF_STOCK, PAID, DECLINED, SHIPPED

}
