/**
 * What becomes of the workers while the server, or the network on the way to it, is away.
 */
@NullMarked
package io.pgtask.outages;

import org.jspecify.annotations.NullMarked;
