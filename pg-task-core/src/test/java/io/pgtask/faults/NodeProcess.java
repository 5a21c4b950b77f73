package io.pgtask.faults;

import io.pgtask.test.ForkedJvm;

/**
 * A {@link Node} that was started.
 */
record NodeProcess(String name, Steps.Release release, ForkedJvm jvm) {
}
