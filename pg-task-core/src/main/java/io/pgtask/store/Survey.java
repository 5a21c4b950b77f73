package io.pgtask.store;

import java.util.List;
import java.util.Set;

/**
 * What a look at the whole table has found.
 *
 * @param heads the first task of every type and priority that has tasks
 * @param paused those of the task types that are paused
 */
public record Survey(List<DueHead> heads, Set<String> paused) {
}
