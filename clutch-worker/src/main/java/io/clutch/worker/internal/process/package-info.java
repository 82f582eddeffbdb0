/** The process around a worker: its signals and its end. */
@NullMarked
package io.clutch.worker.internal.process;

import org.jspecify.annotations.NullMarked;
