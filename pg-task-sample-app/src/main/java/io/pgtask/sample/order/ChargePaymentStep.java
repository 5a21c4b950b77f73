package io.pgtask.sample.order;

import java.time.Duration;
import java.util.UUID;

import io.pgtask.NextStep;
import io.pgtask.Step;
import io.pgtask.StepContext;
import io.pgtask.TaskStep;
import io.pgtask.sample.payment.PaymentDeclinedException;
import io.pgtask.sample.payment.PaymentRefusedException;
import io.pgtask.sample.payment.PaymentService;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Charges the customer.
 * <p>
 * There is no transaction around a call of somebody else's service; the idempotency key
 * is what makes a repetition harmless. An exception means "try again": later and later,
 * and not all orders at once. A decision, such as a declined payment, is no exception but
 * a transition. And where only people can help, because the shop's key has expired, the
 * order waits for them at once.
 */
// tag::retry[]
@TaskStep(maxRetries = 8, retryDelay = "${sample.order.payment-retry-delay:200ms}", retryMultiplier = 2.0,
		retryMaxDelay = "10s", retryJitter = 0.5, noRetryFor = PaymentRefusedException.class)
// end::retry[]
class ChargePaymentStep implements Step<FulfilOrder, FulfilOrder.ChargePayment> {

	private static final Logger logger = LoggerFactory.getLogger(ChargePaymentStep.class);

	private final OrderRepository orders;

	private final PaymentService payments;

	private final Duration shippingDelay;

	ChargePaymentStep(OrderRepository orders, PaymentService payments, OrderProperties properties) {
		this.orders = orders;
		this.payments = payments;
		this.shippingDelay = properties.shippingDelay();
	}

	@Override
	public NextStep<FulfilOrder> run(FulfilOrder.ChargePayment state, StepContext context) throws InterruptedException {
		Order order = this.orders.get(state.orderId());
		try {
			UUID paymentId = this.payments.charge(order.id(), order.total());
			this.orders.markPaid(order.id(), paymentId);
			logger.info("Order {}: paid", order.id());
			return NextStep.delay(new FulfilOrder.ShipOrder(order.id()), this.shippingDelay);
		}
		catch (PaymentDeclinedException ex) {
			logger.info("Order {}: payment declined, {}", order.id(), ex.getMessage());
			return NextStep.now(new FulfilOrder.ReleaseStock(order.id()));
		}
	}

}
