package io.pgtask.model;

import io.pgtask.TaskOutcome;

/**
 * How a task has ended, and what its last step had taken until then.
 */
record End(TaskOutcome outcome, int tried, int delivery) {
}
