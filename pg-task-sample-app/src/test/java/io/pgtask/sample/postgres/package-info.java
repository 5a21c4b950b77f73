/**
 * Tests of the embedded PostgreSQL.
 */
@NullMarked
package io.pgtask.sample.postgres;

import org.jspecify.annotations.NullMarked;
