package io.clutch.worker;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.common.collect.ImmutableList;
import io.clutch.protocol.Durations;
import io.clutch.protocol.PayloadCodec;
import io.clutch.protocol.ServerAddress;
import io.clutch.protocol.TimeSource;
import io.clutch.security.AccessControl;
import io.clutch.worker.internal.sockets.ConnectionLimits;
import io.opentelemetry.api.OpenTelemetry;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Everything a worker is told, checked. {@link Worker.Builder} describes each. */
record WorkerOptions(
    ImmutableList<ServerAddress> addresses,
    FunctionTable functions,
    PayloadCodec codec,
    int concurrency,
    int queueCapacity,
    Duration timeout,
    int maxMessageSize,
    Duration gracefulTimeout,
    Optional<String> store,
    Duration jobLease,
    Duration jobRetention,
    ConnectionLimits connectionLimits,
    AccessControl.Options access,
    boolean insecure,
    Optional<FunctionInterceptor> interceptor,
    Optional<TimeSource> time,
    @Nullable OpenTelemetry openTelemetry) {

  WorkerOptions {
    checkArgument(!addresses.isEmpty(), "addresses is empty: want at least one");
    checkArgument(concurrency >= 1, "concurrency is %s: want 1 or more", concurrency);
    checkArgument(queueCapacity >= 0, "queueCapacity is %s: want 0 or more", queueCapacity);
    checkArgument(
        !timeout.isNegative() && timeout.compareTo(Durations.LONGEST) <= 0,
        "timeout is %s: want 0 (none) or more, at most 100 years",
        timeout);
    checkArgument(maxMessageSize >= 1, "maxMessageSize is %s: want 1 or more", maxMessageSize);
    checkArgument(
        !gracefulTimeout.isNegative() && gracefulTimeout.compareTo(Durations.LONGEST) <= 0,
        "gracefulTimeout is %s: want 0 or more, at most 100 years",
        gracefulTimeout);
    checkArgument(
        store.filter(String::isBlank).isEmpty(),
        "store is empty: want a folder, or postgresql://…");
    checkArgument(
        jobLease.compareTo(Duration.ofSeconds(10)) >= 0
            && jobLease.compareTo(Durations.LONGEST) <= 0,
        "jobLease is %s: want 10 s or more, at most 100 years",
        jobLease);
    checkArgument(
        !jobRetention.isNegative() && jobRetention.compareTo(Durations.LONGEST) <= 0,
        "jobRetention is %s: want 0 or more, at most 100 years",
        jobRetention);
  }
}
