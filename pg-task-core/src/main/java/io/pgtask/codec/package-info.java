/**
 * The text of a row's {@code step} column, to and from the state of a step.
 */
@NullMarked
package io.pgtask.codec;

import org.jspecify.annotations.NullMarked;
