@NullMarked
package io.pgtask.actuate.metrics;

import org.jspecify.annotations.NullMarked;
