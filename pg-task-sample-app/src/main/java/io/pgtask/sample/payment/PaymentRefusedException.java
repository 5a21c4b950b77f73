package io.pgtask.sample.payment;

/**
 * The payment service does not accept the shop's key. It will not accept it the next time
 * either, until somebody has seen to it.
 */
public class PaymentRefusedException extends RuntimeException {

	PaymentRefusedException(String message) {
		super(message);
	}

}
