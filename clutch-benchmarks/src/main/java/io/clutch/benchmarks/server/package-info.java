/** Programs that are called: workers, a pool of them, plain gRPC. */
@NullMarked
package io.clutch.benchmarks.server;

import org.jspecify.annotations.NullMarked;
