/**
 * Micrometer observations of enqueueing and of steps, connected by the trace context in a
 * task's headers.
 */
@NullMarked
package io.pgtask.observation;

import org.jspecify.annotations.NullMarked;
