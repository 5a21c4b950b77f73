@NullMarked
package io.pgtask.registry;

import org.jspecify.annotations.NullMarked;
