/**
 * A task as an application has it, for tests of component scanning.
 */
@NullMarked
package io.pgtask.autoconfigure.steps;

import org.jspecify.annotations.NullMarked;
