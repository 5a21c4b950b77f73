/**
 * Auto-configuration of pg-task for Spring Boot.
 */
@NullMarked
package io.pgtask.autoconfigure;

import org.jspecify.annotations.NullMarked;
