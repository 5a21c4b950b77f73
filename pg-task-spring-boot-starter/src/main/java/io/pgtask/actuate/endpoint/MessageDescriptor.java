package io.pgtask.actuate.endpoint;

import org.springframework.boot.actuate.endpoint.OperationResponseBody;

/**
 * What an operation did, or why it did nothing.
 *
 * @param message the message
 */
public record MessageDescriptor(String message) implements OperationResponseBody {
}
