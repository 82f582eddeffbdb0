/**
 * The function server: {@link io.clutch.worker.Worker} is one process that serves functions.
 *
 * <p>The way of a call: {@code CallService} (the gRPC edge) finds the function and hands a {@code
 * FunctionCall} to the dispatcher, which runs it on a function thread when its turn comes.
 */
@NullMarked
package io.clutch.worker;

import org.jspecify.annotations.NullMarked;
