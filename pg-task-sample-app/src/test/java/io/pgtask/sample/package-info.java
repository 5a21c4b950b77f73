/**
 * Tests of the sample application.
 */
@NullMarked
package io.pgtask.sample;

import org.jspecify.annotations.NullMarked;
