package io.pgtask.codec;

import io.pgtask.registry.StepDefinition;

/**
 * A state as it was read from a row, and the step that runs for it.
 *
 * @param definition the step
 * @param state the state, an object of {@link StepDefinition#stateClass()}
 */
public record DecodedStep(StepDefinition definition, Object state) {

}
