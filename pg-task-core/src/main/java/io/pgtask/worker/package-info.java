/**
 * The engine: claims tasks, runs their steps, saves their transitions and keeps their
 * leases.
 */
@NullMarked
package io.pgtask.worker;

import org.jspecify.annotations.NullMarked;
