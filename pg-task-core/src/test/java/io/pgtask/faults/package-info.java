/**
 * Worker processes under load while they, their connections and their server are made to
 * fail, and a checker that proves from what they have recorded that every promise held.
 */
@NullMarked
package io.pgtask.faults;

import org.jspecify.annotations.NullMarked;
