package io.pgtask.sample.payment;

/**
 * There was no answer; whether the customer was charged is unknown.
 */
public class PaymentUnavailableException extends RuntimeException {

	PaymentUnavailableException(String message) {
		super(message);
	}

}
