package io.pgtask.codec;

/**
 * A state as it is persisted.
 *
 * @param taskType the persisted name of the task type
 * @param step the persisted name of the step
 * @param text the text of the row, such as
 * <code>{"Greeter":{"ReadName":{"filename":"name.txt"}}}</code>
 */
public record EncodedStep(String taskType, String step, String text) {

}
