@NullMarked
package io.pgtask.codec;

import org.jspecify.annotations.NullMarked;
