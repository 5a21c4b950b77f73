/**
 * Actuator endpoint of pg-task.
 */
@NullMarked
package io.pgtask.actuate.endpoint;

import org.jspecify.annotations.NullMarked;
