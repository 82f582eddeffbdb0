/** How many calls the clients of call streams may send. Knows neither gRPC nor functions. */
@NullMarked
package io.clutch.worker.internal.permits;

import org.jspecify.annotations.NullMarked;
