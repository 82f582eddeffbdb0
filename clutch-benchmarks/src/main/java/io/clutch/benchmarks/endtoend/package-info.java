/** Clutch beside plain gRPC, client and workers in processes of their own. */
@NullMarked
package io.clutch.benchmarks.endtoend;

import org.jspecify.annotations.NullMarked;
