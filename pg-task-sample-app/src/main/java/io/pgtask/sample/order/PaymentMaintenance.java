package io.pgtask.sample.order;

import java.time.Duration;

import io.pgtask.GateDecision;
import io.pgtask.GateRequest;
import io.pgtask.StepGate;
import io.pgtask.sample.payment.PaymentService;

import org.springframework.stereotype.Component;

/**
 * While the payment service is in maintenance, orders wait in front of it, and use up
 * none of their attempts.
 */
// tag::gate[]
@Component
class PaymentMaintenance implements StepGate {

	private final PaymentService payments;

	PaymentMaintenance(PaymentService payments) {
		this.payments = payments;
	}

	@Override
	public boolean guards(String taskType, String step) {
		return step.equals("ChargePayment");
	}

	@Override
	public GateDecision decide(GateRequest request) {
		return this.payments.isInMaintenance()
				? GateDecision.putOff(Duration.ofSeconds(2), "The payment service is in maintenance")
				: GateDecision.proceed();
	}

}
// end::gate[]
