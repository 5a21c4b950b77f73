package io.pgtask.store;

import java.time.Instant;

/**
 * One index range a claim looks into: the due tasks of a type and a priority.
 *
 * @param taskType the persisted name of the task type
 * @param priority the priority
 * @param limit how many tasks to take at most
 * @param floor tasks that became due before are not looked at: the index entries there
 * are dead, and stepping over them costs more than everything else; anything before 1970
 * for none
 */
public record Probe(String taskType, int priority, int limit, Instant floor) {
}
