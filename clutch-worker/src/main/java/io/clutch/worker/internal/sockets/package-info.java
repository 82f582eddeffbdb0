/** How connections come to the gRPC server when it does not listen itself. Linux only. */
@NullMarked
package io.clutch.worker.internal.sockets;

import org.jspecify.annotations.NullMarked;
