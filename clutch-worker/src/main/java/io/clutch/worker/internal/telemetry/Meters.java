package io.clutch.worker.internal.telemetry;

import com.google.common.collect.ImmutableMap;
import com.google.common.collect.ImmutableSet;
import com.google.common.collect.Maps;
import io.clutch.protocol.ClutchException;
import io.clutch.protocol.ServerAddress;
import io.clutch.worker.internal.telemetry.CallTelemetry.Load;
import io.clutch.worker.internal.telemetry.CallTelemetry.Registration;
import io.opentelemetry.api.common.Attributes;
import io.opentelemetry.api.common.AttributesBuilder;
import io.opentelemetry.api.metrics.BatchCallback;
import io.opentelemetry.api.metrics.DoubleHistogram;
import io.opentelemetry.api.metrics.LongCounter;
import io.opentelemetry.api.metrics.Meter;
import io.opentelemetry.api.metrics.ObservableLongMeasurement;
import io.opentelemetry.context.Context;
import org.jspecify.annotations.Nullable;

/** The metrics of a worker. Attributes have few values, whatever callers send. Thread-safe. */
final class Meters {

  private static final double NANOS_PER_SECOND = 1e9;

  private final Meter meter;
  private final int slot;
  private final DoubleHistogram calls;
  private final DoubleHistogram waits;
  private final DoubleHistogram runs;
  private final LongCounter handedOver;
  private final LongCounter takenOver;
  private final ImmutableMap<String, ByFunction> functions;
  private final ByFunction others;

  Meters(Meter meter, ImmutableSet<String> functions, int slot) {
    this.meter = meter;
    this.slot = slot;
    this.calls = histogram("rpc.server.call.duration", "From the arrival of a call to its outcome");
    this.waits =
        histogram("clutch.worker.queue.duration", "How long calls waited that had to wait");
    this.runs = histogram("clutch.worker.function.duration", "How long functions ran");
    this.handedOver =
        counter("clutch.worker.calls.handed_over", "Calls that waited here and a sibling ran");
    this.takenOver =
        counter("clutch.worker.calls.taken_over", "Calls that waited at a sibling and ran here");
    this.functions = ImmutableMap.copyOf(Maps.asMap(functions, ByFunction::new));
    this.others = new ByFunction(Conventions.OTHER);
  }

  private DoubleHistogram histogram(String name, String description) {
    return meter
        .histogramBuilder(name)
        .setUnit("s")
        .setDescription(description)
        .setExplicitBucketBoundariesAdvice(Conventions.DURATION_BUCKETS)
        .build();
  }

  private LongCounter counter(String name, String description) {
    return meter.counterBuilder(name).setUnit("{call}").setDescription(description).build();
  }

  void handedOver(String function, Context context) {
    handedOver.add(1, of(function).own, context);
  }

  void takenOver(String function, Context context) {
    takenOver.add(1, of(function).own, context);
  }

  void called(
      String function,
      boolean background,
      long nanos,
      @Nullable ClutchException failure,
      Context context) {
    calls.record(nanos / NANOS_PER_SECOND, of(function).call(background, failure), context);
  }

  void waited(String function, long nanos, @Nullable ClutchException failure, Context context) {
    waits.record(nanos / NANOS_PER_SECOND, of(function).wait(failure), context);
  }

  void ran(
      String function,
      boolean cascade,
      long nanos,
      @Nullable ClutchException failure,
      Context context) {
    runs.record(nanos / NANOS_PER_SECOND, of(function).run(cascade, failure), context);
  }

  private ByFunction of(String function) {
    ByFunction known = functions.get(function);
    return known == null ? others : known;
  }

  Registration observe(Load load, @Nullable ServerAddress address) {
    Attributes attributes = place(address);
    ObservableLongMeasurement running =
        count("clutch.worker.calls.running", "{call}", "Calls that run");
    ObservableLongMeasurement waiting =
        count("clutch.worker.calls.waiting", "{call}", "Calls that wait for their turn");
    ObservableLongMeasurement concurrency =
        count("clutch.worker.concurrency.limit", "{call}", "Calls that may run at the same time");
    ObservableLongMeasurement queue =
        count("clutch.worker.queue.limit", "{call}", "Calls that may wait");
    BatchCallback callback =
        meter.batchCallback(
            () -> {
              running.record(load.running().getAsInt(), attributes);
              waiting.record(load.waiting().getAsInt(), attributes);
              concurrency.record(load.concurrency(), attributes);
              queue.record(load.queueCapacity(), attributes);
            },
            running,
            waiting,
            concurrency,
            queue);
    return callback::close;
  }

  private ObservableLongMeasurement count(String name, String unit, String description) {
    return meter
        .upDownCounterBuilder(name)
        .setUnit(unit)
        .setDescription(description)
        .buildObserver();
  }

  /** What tells this worker from others, in this process or in its pool. */
  private Attributes place(@Nullable ServerAddress address) {
    AttributesBuilder place = withSlot();
    if (slot == 0 && address != null) {
      place
          .put(Conventions.SERVER_ADDRESS, address.host())
          .put(Conventions.SERVER_PORT, (long) address.port());
    }
    return place.build();
  }

  private AttributesBuilder withSlot() {
    AttributesBuilder attributes = Attributes.builder();
    if (slot > 0) {
      attributes.put(Conventions.SLOT, (long) slot);
    }
    return attributes;
  }

  /** The attributes for one function; those of success are made once. */
  private final class ByFunction {
    private final Attributes call;
    private final Attributes background;
    private final Attributes own;
    private final Attributes run;
    private final Attributes cascade;

    ByFunction(String function) {
      Attributes base =
          withSlot()
              .put(Conventions.RPC_SYSTEM, Conventions.SYSTEM)
              .put(Conventions.RPC_METHOD, function)
              .put(Conventions.RPC_STATUS, Conventions.OK)
              .build();
      call = base.toBuilder().put(Conventions.BACKGROUND, false).build();
      background = base.toBuilder().put(Conventions.BACKGROUND, true).build();
      own = withSlot().put(Conventions.FUNCTION, function).build();
      run = own.toBuilder().put(Conventions.CASCADE, false).build();
      cascade = own.toBuilder().put(Conventions.CASCADE, true).build();
    }

    Attributes call(boolean isBackground, @Nullable ClutchException failure) {
      Attributes succeeded = isBackground ? background : call;
      return failure == null
          ? succeeded
          : succeeded.toBuilder()
              .put(Conventions.RPC_STATUS, Conventions.status(failure))
              .put(Conventions.ERROR_TYPE, failure.reason().name())
              .build();
    }

    Attributes wait(@Nullable ClutchException failure) {
      return withError(own, failure);
    }

    Attributes run(boolean isCascade, @Nullable ClutchException failure) {
      return withError(isCascade ? cascade : run, failure);
    }

    private Attributes withError(Attributes attributes, @Nullable ClutchException failure) {
      return failure == null
          ? attributes
          : attributes.toBuilder().put(Conventions.ERROR_TYPE, failure.reason().name()).build();
    }
  }
}
