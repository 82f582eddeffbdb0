/** Keeps the pool: one thread that owns all its state, asks the planner, and does what it says. */
@NullMarked
package io.clutch.supervisor.internal.keep;

import org.jspecify.annotations.NullMarked;
