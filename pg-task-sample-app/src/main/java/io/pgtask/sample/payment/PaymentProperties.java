package io.pgtask.sample.payment;

import java.math.BigDecimal;
import java.time.Duration;

import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * How well the simulated payment service works.
 *
 * @param failureRate the share of calls that fail, between 0 and 1
 * @param latency how long a call takes
 * @param limit the largest amount that is not declined
 * @param seed the seed of the dice that decide which calls fail
 */
@ConfigurationProperties("sample.payment")
record PaymentProperties(@DefaultValue("0.5") double failureRate, @DefaultValue("300ms") Duration latency,
		@DefaultValue("1000") BigDecimal limit, @DefaultValue("7") long seed) {
}
