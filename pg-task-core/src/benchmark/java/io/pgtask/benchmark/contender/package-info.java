/**
 * What is measured: every contender runs the same workloads in its own way.
 */
@NullMarked
package io.pgtask.benchmark.contender;

import org.jspecify.annotations.NullMarked;
