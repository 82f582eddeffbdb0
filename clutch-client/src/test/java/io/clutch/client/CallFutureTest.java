package io.clutch.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.Test;

/** The end of a call is told once, and before whoever waits for it goes on. */
class CallFutureTest {

  private final List<Object> events = new ArrayList<>();
  private final CallFuture<String> future =
      new CallFuture<>(failure -> events.add(failure == null ? "told" : failure));

  @Test
  void theEndIsToldBeforeItIsSeen() {
    var unused = future.whenComplete((result, failure) -> events.add(result));

    future.complete("result");
    future.completeExceptionally(new IllegalStateException("too late"));
    future.cancel(true);

    assertThat(events).containsExactly("told", "result");
  }

  @Test
  void aFailureIsTold() {
    IllegalStateException failure = new IllegalStateException("went wrong");

    future.completeExceptionally(failure);

    assertThat(events).containsExactly(failure);
  }

  @Test
  void aCancellationIsTold() {
    assertThat(future.cancel(true)).isTrue();
    assertThat(future.cancel(true)).isTrue();

    assertThat(events).singleElement().isInstanceOf(CancellationException.class);
  }

  @Test
  void aTimeoutOfTheCallersOwnIsTold() {
    assertThat(future.orTimeout(1, TimeUnit.MILLISECONDS))
        .failsWithin(Duration.ofSeconds(30))
        .withThrowableThat()
        .withCauseInstanceOf(TimeoutException.class);

    assertThat(events).singleElement().isInstanceOf(TimeoutException.class);
  }

  @Test
  void whoWaitsIsNotLeftWaitingWhereTellingFails() {
    CallFuture<String> broken =
        new CallFuture<>(
            failure -> {
              throw new IllegalStateException("telemetry is broken");
            });

    assertThatIllegalStateException().isThrownBy(() -> broken.complete("result"));

    assertThat(broken).isCompletedWithValue("result");
  }
}
