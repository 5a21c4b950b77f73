/**
 * A stand-in for a payment service on the Internet: slow, unreliable, and not ours.
 */
@NullMarked
package io.pgtask.sample.payment;

import org.jspecify.annotations.NullMarked;
