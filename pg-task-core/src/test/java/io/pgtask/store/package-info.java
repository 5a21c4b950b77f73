/**
 * Tests of the SQL against a real PostgreSQL.
 */
@NullMarked
package io.pgtask.store;

import org.jspecify.annotations.NullMarked;
