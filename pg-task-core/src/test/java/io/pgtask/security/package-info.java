/**
 * What a role, a text or a size must not be able to do.
 */
@NullMarked
package io.pgtask.security;

import org.jspecify.annotations.NullMarked;
