package io.clutch.worker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;

import com.google.common.collect.ImmutableSet;
import io.clutch.worker.internal.telemetry.CallRecord;
import io.clutch.worker.internal.telemetry.CallTelemetry;
import io.grpc.Metadata;
import io.opentelemetry.api.GlobalOpenTelemetry;
import io.opentelemetry.api.OpenTelemetry;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.propagation.W3CTraceContextPropagator;
import io.opentelemetry.context.propagation.ContextPropagators;
import java.io.IOException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A worker without an OpenTelemetry, and with the global one. */
class NoTelemetryTest {

  @AfterEach
  void reset() {
    GlobalOpenTelemetry.resetForTest();
  }

  @Test
  void withoutSdkNothingIsToldAndTheGlobalOneStaysUnset() throws Exception {
    try (Worker worker = worker(Worker.builder());
        TestCaller caller = new TestCaller(worker)) {
      assertThat(caller.call("valid", null, Boolean.class)).isFalse();
    }

    assertThat(GlobalOpenTelemetry.isSet()).isFalse();
  }

  @Test
  void whatDoesNothingIsNotAskedForEachCall() {
    assertThat(of(null)).isSameAs(CallTelemetry.NONE);
    assertThat(of(OpenTelemetry.noop())).isSameAs(CallTelemetry.NONE);
    assertThat(CallTelemetry.NONE.received("f", "id", false, new Metadata(), null))
        .isSameAs(CallRecord.NONE);

    GlobalOpenTelemetry.set(OpenTelemetry.noop());

    assertThat(of(null)).isSameAs(CallTelemetry.NONE);
    assertThat(
            of(
                OpenTelemetry.propagating(
                    ContextPropagators.create(W3CTraceContextPropagator.getInstance()))))
        .isNotSameAs(CallTelemetry.NONE);
  }

  @Test
  void theGlobalOneIsTakenWhenTheWorkerIsStarted() throws Exception {
    Worker.Builder builder = Worker.builder();
    try (TestTelemetry telemetry = new TestTelemetry()) {
      GlobalOpenTelemetry.set(telemetry.sdk());
      try (Worker worker = worker(builder);
          TestCaller caller = new TestCaller(worker)) {
        assertThat(caller.call("valid", null, Boolean.class)).isTrue();
      }
      assertThat(telemetry.span("valid").hasEnded()).isTrue();
    }
  }

  @Test
  void oneThatIsGivenWinsOverTheGlobalOne() throws Exception {
    try (TestTelemetry telemetry = new TestTelemetry()) {
      GlobalOpenTelemetry.set(telemetry.sdk());
      try (Worker worker = worker(Worker.builder().openTelemetry(OpenTelemetry.noop()));
          TestCaller caller = new TestCaller(worker)) {
        assertThat(caller.call("valid", null, Boolean.class)).isFalse();
      }
      assertThat(telemetry.ended()).isEmpty();
    }
  }

  @Test
  void nullIsRefused() {
    assertThatNullPointerException().isThrownBy(() -> Worker.builder().openTelemetry(null));
  }

  private static CallTelemetry of(OpenTelemetry given) {
    return CallTelemetry.of(given, ImmutableSet.of("f"), 0);
  }

  private static Worker worker(Worker.Builder builder) throws IOException {
    return builder
        .address("127.0.0.1:0")
        .function("valid", () -> Span.current().getSpanContext().isValid())
        .build()
        .start();
  }
}
