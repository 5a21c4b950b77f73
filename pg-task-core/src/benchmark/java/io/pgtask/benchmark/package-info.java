/**
 * Measures pg-task beside other task queues, each in JVMs of its own, on a server that
 * writes durably.
 */
@NullMarked
package io.pgtask.benchmark;

import org.jspecify.annotations.NullMarked;
