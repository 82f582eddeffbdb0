/**
 * Background calls that survive the death of processes and machines. There is nothing to call here:
 * with this module on the class path, a worker keeps durable calls in its {@code store}.
 */
@NullMarked
package io.clutch.durable;

import org.jspecify.annotations.NullMarked;
