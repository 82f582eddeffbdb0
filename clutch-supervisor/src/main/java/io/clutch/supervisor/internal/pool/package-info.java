/**
 * The pool as facts, and what to do about them: pure code, without processes, sockets, clocks or
 * threads. One thread owns a {@link io.clutch.supervisor.internal.pool.Pool} and all in it.
 */
@NullMarked
package io.clutch.supervisor.internal.pool;

import org.jspecify.annotations.NullMarked;
