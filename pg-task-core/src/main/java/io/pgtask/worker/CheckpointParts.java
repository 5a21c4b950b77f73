package io.pgtask.worker;

import java.time.Duration;
import java.util.function.Consumer;

import io.pgtask.codec.StepCodec;
import io.pgtask.store.JoinedTransition;

/**
 * What checkpoints are saved with.
 *
 * @param codec writes the states
 * @param outcomes takes what the transition writer is to save
 * @param joined saves in the transaction of the step
 * @param lease how long a lease is that a checkpoint extends
 */
record CheckpointParts(StepCodec codec, Consumer<Outcome> outcomes, JoinedTransition joined, Duration lease) {
}
