package io.pgtask.sample.payment;

import java.math.BigDecimal;
import java.time.Duration;
import java.util.Random;
import java.util.UUID;

import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Service;

/**
 * The simulated payment service. Like a real one it takes an idempotency key: however
 * often it is called with the same key, the customer is charged once.
 */
@Service
public class PaymentService {

	private static final String CHARGE_ONCE = """
			INSERT INTO payment (idempotency_key, amount) VALUES (:key, :amount)
			ON CONFLICT (idempotency_key) DO NOTHING""";

	private static final String PAYMENT_ID = "SELECT id FROM payment WHERE idempotency_key = :key";

	private final JdbcClient ledger;

	private final Duration latency;

	private final BigDecimal limit;

	private final Random dice;

	private volatile double failureRate;

	private volatile boolean keyExpired;

	private volatile boolean inMaintenance;

	PaymentService(JdbcClient ledger, PaymentProperties properties) {
		this.ledger = ledger;
		this.latency = properties.latency();
		this.limit = properties.limit();
		this.dice = new Random(properties.seed());
		this.failureRate = properties.failureRate();
	}

	/**
	 * Charge a customer.
	 * @param idempotencyKey the same for every attempt at the same payment
	 * @param amount the amount
	 * @return the payment's id
	 * @throws PaymentDeclinedException if the service decided against it
	 * @throws PaymentUnavailableException if the service did not answer
	 * @throws PaymentRefusedException if the service does not accept the shop's key
	 * @throws InterruptedException if interrupted while waiting for the answer
	 */
	public UUID charge(UUID idempotencyKey, BigDecimal amount) throws PaymentDeclinedException, InterruptedException {
		Thread.sleep(this.latency.toMillis());
		if (this.keyExpired) {
			throw new PaymentRefusedException("401 Unauthorized");
		}
		if (amount.compareTo(this.limit) > 0) {
			throw new PaymentDeclinedException(amount + " is over the limit of " + this.limit);
		}
		boolean fails = this.dice.nextDouble() < this.failureRate;
		if (fails && this.dice.nextBoolean()) {
			throw new PaymentUnavailableException("503 Service Unavailable");
		}
		this.ledger.sql(CHARGE_ONCE).param("key", idempotencyKey).param("amount", amount).update();
		if (fails) {
			// The nasty case: the customer is charged, and the caller cannot know.
			throw new PaymentUnavailableException("Read timed out");
		}
		return this.ledger.sql(PAYMENT_ID).param("key", idempotencyKey).query(UUID.class).single();
	}

	/**
	 * Return whether the service has announced that it does not work now.
	 * @return whether there is no use in calling it
	 */
	public boolean isInMaintenance() {
		return this.inMaintenance;
	}

	void setInMaintenance(boolean inMaintenance) {
		this.inMaintenance = inMaintenance;
	}

	boolean isKeyExpired() {
		return this.keyExpired;
	}

	void setKeyExpired(boolean keyExpired) {
		this.keyExpired = keyExpired;
	}

	double getFailureRate() {
		return this.failureRate;
	}

	void setFailureRate(double failureRate) {
		this.failureRate = failureRate;
	}

}
