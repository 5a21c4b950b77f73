/**
 * Tests of the order flow's parts.
 */
@NullMarked
package io.pgtask.sample.order;

import org.jspecify.annotations.NullMarked;
