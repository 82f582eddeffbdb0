/** What a worker tells OpenTelemetry: spans and metrics of its calls. */
@NullMarked
package io.clutch.worker.internal.telemetry;

import org.jspecify.annotations.NullMarked;
