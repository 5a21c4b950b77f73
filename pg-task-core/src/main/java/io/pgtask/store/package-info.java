/**
 * Every SQL statement of pg-task, one small class per concern.
 */
@NullMarked
package io.pgtask.store;

import org.jspecify.annotations.NullMarked;
