package io.pgtask.sample.order;

import java.time.Duration;

import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * How orders are fulfilled.
 *
 * @param shippingDelay how long it takes to pack a paid order
 */
@ConfigurationProperties("sample.order")
record OrderProperties(@DefaultValue("5s") Duration shippingDelay) {
}
