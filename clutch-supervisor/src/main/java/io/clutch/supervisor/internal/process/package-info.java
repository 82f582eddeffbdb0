/** Processes of children: start, signals, output, memory. */
@NullMarked
package io.clutch.supervisor.internal.process;

import org.jspecify.annotations.NullMarked;
