/**
 * A realistic task: an order is reserved, paid, shipped and announced, whatever fails on
 * the way.
 */
@NullMarked
package io.pgtask.sample.order;

import org.jspecify.annotations.NullMarked;
