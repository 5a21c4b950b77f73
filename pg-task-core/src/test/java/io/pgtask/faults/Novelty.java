package io.pgtask.faults;

/**
 * A task that only the new version of the application knows.
 */
record Novelty(String name) {
}
