/**
 * The tutorial: a task of two steps, the first of which needs a file that may be missing.
 */
@NullMarked
package io.pgtask.sample.greeter;

import org.jspecify.annotations.NullMarked;
