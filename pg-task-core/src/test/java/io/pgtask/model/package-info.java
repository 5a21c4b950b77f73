/**
 * The state machine of a task beside a model of it.
 */
@NullMarked
package io.pgtask.model;

import org.jspecify.annotations.NullMarked;
