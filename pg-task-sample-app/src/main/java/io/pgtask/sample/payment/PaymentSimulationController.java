package io.pgtask.sample.payment;

import org.jspecify.annotations.Nullable;

import org.springframework.http.HttpStatus;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PutMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.server.ResponseStatusException;

/**
 * {@code PUT /payment-service} breaks and mends the simulated payment service of this
 * node.
 */
@RestController
@RequestMapping("/payment-service")
class PaymentSimulationController {

	private final PaymentService payments;

	PaymentSimulationController(PaymentService payments) {
		this.payments = payments;
	}

	@GetMapping
	Simulation get() {
		return new Simulation(this.payments.getFailureRate(), this.payments.isKeyExpired(),
				this.payments.isInMaintenance());
	}

	@PutMapping
	Simulation put(@RequestBody Simulation simulation) {
		if (!(simulation.failureRate() >= 0.0 && simulation.failureRate() <= 1.0)) {
			throw new ResponseStatusException(HttpStatus.BAD_REQUEST,
					"failureRate must be between 0 and 1 but is " + simulation.failureRate());
		}
		this.payments.setFailureRate(simulation.failureRate());
		this.payments.setKeyExpired(Boolean.TRUE.equals(simulation.keyExpired()));
		this.payments.setInMaintenance(Boolean.TRUE.equals(simulation.inMaintenance()));
		return get();
	}

	/**
	 * How the service works.
	 *
	 * @param failureRate the share of calls that fail
	 * @param keyExpired whether it refuses the shop's key
	 * @param inMaintenance whether it has announced not to work
	 */
	record Simulation(double failureRate, @Nullable Boolean keyExpired, @Nullable Boolean inMaintenance) {
	}

}
