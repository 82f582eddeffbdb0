/** Keeps a worker's jobs in a store and has them run: groups, turns, verdicts. */
@NullMarked
package io.clutch.durable.internal.engine;

import org.jspecify.annotations.NullMarked;
