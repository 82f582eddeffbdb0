/** What a client tells OpenTelemetry: spans and metrics of its calls. */
@NullMarked
package io.clutch.client.internal.telemetry;

import org.jspecify.annotations.NullMarked;
