package io.pgtask.outages;

/**
 * A task whose only step goes on until it is interrupted.
 */
record Vigil(int number) {
}
