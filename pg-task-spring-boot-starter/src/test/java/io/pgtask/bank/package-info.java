/**
 * A bank whose workers are killed, frozen and cut off while they transfer money.
 */
@NullMarked
package io.pgtask.bank;

import org.jspecify.annotations.NullMarked;
