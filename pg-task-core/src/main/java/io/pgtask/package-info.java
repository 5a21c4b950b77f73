/**
 * The public API of pg-task: everything a user imports to write steps, enqueue tasks and
 * operate them.
 */
@NullMarked
package io.pgtask;

import org.jspecify.annotations.NullMarked;
