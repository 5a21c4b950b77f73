@NullMarked
package io.pgtask.autoconfigure;

import org.jspecify.annotations.NullMarked;
