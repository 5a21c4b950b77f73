package io.pgtask.autoconfigure;

import java.util.Set;

import org.springframework.boot.actuate.endpoint.Show;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * Configuration properties for the pgtask endpoint.
 *
 * @param showValues When to show the states, errors and headers of tasks unmasked.
 * @param roles Roles of the users to whom unmasked values are shown. When empty, all
 * authenticated users are authorized.
 */
@ConfigurationProperties("management.endpoint.pgtask")
public record PgTaskEndpointProperties(@DefaultValue("never") Show showValues, @DefaultValue Set<String> roles) {
}
