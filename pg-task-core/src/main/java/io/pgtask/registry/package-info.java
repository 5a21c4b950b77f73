/**
 * The task types and steps of an application, checked as a whole, and the names under
 * which they are persisted.
 */
@NullMarked
package io.pgtask.registry;

import org.jspecify.annotations.NullMarked;
