/**
 * Health of pg-task.
 */
@NullMarked
package io.pgtask.actuate.health;

import org.jspecify.annotations.NullMarked;
