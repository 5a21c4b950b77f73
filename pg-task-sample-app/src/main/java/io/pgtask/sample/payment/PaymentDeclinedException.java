package io.pgtask.sample.payment;

/**
 * The payment service has decided against the payment; asking again does not help.
 */
public class PaymentDeclinedException extends Exception {

	PaymentDeclinedException(String message) {
		super(message);
	}

}
