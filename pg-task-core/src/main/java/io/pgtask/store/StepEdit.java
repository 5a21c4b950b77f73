package io.pgtask.store;

/**
 * The change of a row's text by an operator.
 *
 * @param before the text that was read
 * @param after the text that replaces it
 * @param anotherStep whether that is the state of another step
 */
record StepEdit(String before, String after, boolean anotherStep) {
}
