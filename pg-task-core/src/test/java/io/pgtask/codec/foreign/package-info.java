@NullMarked
package io.pgtask.codec.foreign;

import org.jspecify.annotations.NullMarked;
