/**
 * The PostgreSQL that the sample brings along, for a machine that has none.
 */
@NullMarked
package io.pgtask.sample.postgres;

import org.jspecify.annotations.NullMarked;
