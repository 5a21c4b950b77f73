/**
 * The example programs of the Rust library, written with the public API alone.
 */
@NullMarked
package io.pgtask.examples;

import org.jspecify.annotations.NullMarked;
