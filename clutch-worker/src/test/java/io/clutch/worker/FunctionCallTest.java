package io.clutch.worker;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.common.base.Ticker;
import com.google.common.collect.ImmutableSortedMap;
import io.clutch.protocol.ClutchException;
import io.clutch.protocol.PayloadCodec;
import io.clutch.protocol.Reason;
import io.clutch.protocol.Started;
import io.clutch.protocol.TimeSource;
import io.clutch.security.Credentials;
import io.clutch.security.Identity;
import io.clutch.v1.Payload;
import io.clutch.worker.internal.permits.Permits;
import io.clutch.worker.internal.permits.Places;
import io.clutch.worker.internal.telemetry.CallRecord;
import io.clutch.worker.internal.telemetry.CallTelemetry;
import io.grpc.Context;
import io.grpc.Metadata;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The one outcome of a call. */
class FunctionCallTest {

  private final AtomicBoolean sawCancelled = new AtomicBoolean();
  private final List<Object> outcomes = new ArrayList<>();
  private final ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor();
  private final FunctionDefinition function =
      FunctionDefinition.named("look")
          .runs(
              (nothing, call) -> {
                sawCancelled.set(call.isCancelled());
                return 1;
              });
  private final ClutchException stopped =
      ClutchException.builder(Reason.UNAVAILABLE, Started.YES, "the worker stopped").build();

  @AfterEach
  void stop() {
    timer.shutdownNow();
  }

  @Test
  void aCallCancelledJustBeforeItsFunctionIsEnteredLooksCancelledToIt() {
    FunctionCall call = call();

    call.cancelled(stopped);
    call.run().run();

    assertThat(sawCancelled).isTrue();
    assertThat(outcomes).containsExactly(stopped);
  }

  @Test
  void aCallCancelledBeforeItsOutcomeIsToldKeepsTheFirst() {
    FunctionCall call = call();

    Runnable outcome = call.run();
    call.cancelled(stopped);
    outcome.run();

    assertThat(sawCancelled).isFalse();
    assertThat(outcomes).containsExactly(stopped);
  }

  @Test
  void aCallIsAnsweredOnce() {
    FunctionCall call = call();

    call.run().run();
    call.cancelled(stopped);
    call.dropped(stopped);

    assertThat(outcomes).containsExactly(PayloadCodec.standard().encode(1));
  }

  private FunctionCall call() {
    Invoker invoker =
        new Invoker(
            new FunctionTable(ImmutableSortedMap.of("look", function)),
            PayloadCodec.standard(),
            1_000,
            null,
            error -> {});
    return new FunctionCall(
        new FunctionCall.Engine(
            invoker,
            Duration.ofSeconds(10),
            TimeSource.system(timer),
            CallTelemetry.NONE,
            new Permits(new NoPlaces(), Ticker.systemTicker())),
        new FunctionCall.Asked(
            function,
            Payload.getDefaultInstance(),
            "id",
            false,
            new Caller(null, new Metadata(), Credentials.NONE),
            Identity.ANONYMOUS,
            null),
        Context.ROOT,
        new Answer() {
          @Override
          public void result(Payload result) {
            outcomes.add(result);
          }

          @Override
          public void failure(ClutchException failure) {
            outcomes.add(failure);
          }
        },
        CallRecord.NONE);
  }

  private static final class NoPlaces implements Places {
    @Override
    public int concurrency() {
      return 1;
    }

    @Override
    public int free() {
      return 0;
    }

    @Override
    public int waiting() {
      return 0;
    }

    @Override
    public int backlog() {
      return 0;
    }

    @Override
    public long ended() {
      return 0;
    }

    @Override
    public void giveBack() {}
  }
}
