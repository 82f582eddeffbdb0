/** The other processes of the pool: calls that wait here are handed over to those that are idle. */
@NullMarked
package io.clutch.worker.internal.siblings;

import org.jspecify.annotations.NullMarked;
