@NullMarked
package io.pgtask.observation;

import org.jspecify.annotations.NullMarked;
