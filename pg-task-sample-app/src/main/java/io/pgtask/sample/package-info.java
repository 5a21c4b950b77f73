/**
 * A sample application of pg-task.
 */
@NullMarked
package io.pgtask.sample;

import org.jspecify.annotations.NullMarked;
