/**
 * Tests of the engine on a real PostgreSQL.
 */
@NullMarked
package io.pgtask.worker;

import org.jspecify.annotations.NullMarked;
