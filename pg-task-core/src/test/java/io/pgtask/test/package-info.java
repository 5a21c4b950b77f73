/**
 * The PostgreSQL of the tests, for the tests of every module.
 */
@NullMarked
package io.pgtask.test;

import org.jspecify.annotations.NullMarked;
