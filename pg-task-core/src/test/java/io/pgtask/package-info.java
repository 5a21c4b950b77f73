/**
 * Tests of the public API, of the architecture, and of the documents that name tests.
 */
@NullMarked
package io.pgtask;

import org.jspecify.annotations.NullMarked;
