package io.clutch.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.google.common.reflect.TypeToken;
import io.clutch.protocol.ClutchException;
import io.clutch.protocol.Reason;
import io.clutch.protocol.Started;
import io.clutch.worker.Call;
import io.clutch.worker.Worker;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** One client, one worker. */
class ClutchClientTest {

  private final BlockingQueue<Call> calls = new ArrayBlockingQueue<>(100);
  private final CountDownLatch started = new CountDownLatch(1);
  private final CountDownLatch interrupted = new CountDownLatch(1);
  private Worker worker;
  private ClutchClient client;

  @BeforeEach
  void serve() throws IOException {
    worker =
        Worker.builder()
            .address("127.0.0.1:0")
            .maxMessageSize(2000)
            .timeout(Duration.ZERO)
            .function("text", String.class, text -> text)
            .function("list", int[].class, ns -> ns)
            .function("bytes", int.class, size -> new byte[size])
            .function("nothing", () -> {})
            .function(
                "call",
                Void.class,
                (nothing, call) -> {
                  calls.add(call);
                  return null;
                })
            .function(
                "fail",
                String.class,
                text -> {
                  throw new IllegalStateException(text);
                })
            .function(
                "sleep",
                Void.class,
                (nothing, call) -> {
                  started.countDown();
                  try {
                    Thread.sleep(600_000);
                  } catch (InterruptedException e) {
                    interrupted.countDown();
                    throw e;
                  }
                  return null;
                })
            .build()
            .start();
    client =
        ClutchClient.builder()
            .servers(worker.address().toString())
            .timeout(Duration.ofSeconds(100))
            .build();
  }

  @AfterEach
  void stop() {
    client.close();
    worker.close();
  }

  private static ClutchException failureOf(Runnable call) {
    ClutchException failure = catchThrowableOfType(ClutchException.class, call::run);
    assertThat(failure).isNotNull();
    return failure;
  }

  @Test
  void resultsHaveTheTypeAskedFor() throws Exception {
    assertThat(client.request("text", "hello", String.class)).isEqualTo("hello");
    assertThat(client.request("list", List.of(1, 2), new TypeToken<List<Integer>>() {}))
        .containsExactly(1, 2);
    assertThat(client.requestAsync("list", List.of(3), int[].class).get(30, TimeUnit.SECONDS))
        .containsExactly(3);
  }

  @Test
  void aFunctionWithoutResultGivesNull() {
    assertThat(client.request("nothing", null, Object.class)).isNull();
    assertThat(client.request("text", null, String.class)).isNull();
    assertThat(client.request("text", "ignored", Void.class)).isNull();
  }

  @Test
  void aResultOfAnotherTypeIsAClearError() {
    ClutchException failure = failureOf(() -> client.request("text", "hello", Integer.class));
    assertThat(failure.reason()).isEqualTo(Reason.BAD_RESULT);
    assertThat(failure.started()).isEqualTo(Started.YES);
    assertThat(failure).hasMessageContaining("'text'").hasMessageContaining("Integer");
  }

  @Test
  void anUnknownFunctionIsNamedWithThoseThatExist() {
    ClutchException failure = failureOf(() -> client.request("nosuch", null, Void.class));
    assertThat(failure.reason()).isEqualTo(Reason.FUNCTION_NOT_FOUND);
    assertThat(failure).hasMessageContaining("'nosuch'").hasMessageContaining("text");
  }

  @Test
  void aFailureHasTheStackOfWhoWaited() {
    ClutchException failure = failureOf(() -> client.request("fail", "oh", Void.class));
    assertThat(failure.reason()).isEqualTo(Reason.FUNCTION_FAILED);
    assertThat(failure.details())
        .containsEntry("function", "fail")
        .containsEntry("exception", "java.lang.IllegalStateException");
    assertThat(failure.getStackTrace())
        .anyMatch(frame -> frame.getClassName().equals(ClutchClientTest.class.getName()));
  }

  @Test
  void anArgumentWithoutPayloadIsRefusedHere() {
    ClutchException failure = failureOf(() -> client.request("text", Double.NaN, String.class));
    assertThat(failure.reason()).isEqualTo(Reason.BAD_ARGUMENTS);
    assertThat(failure.started()).isEqualTo(Started.NO);
  }

  @Test
  void headersAndIdReachTheFunction() throws Exception {
    client.request(
        Request.of("call", null)
            .withHeader("X-Tenant", "blue")
            .withHeader("a", "b")
            .withCallId("7"));
    Call seen = calls.poll(30, TimeUnit.SECONDS);
    assertThat(seen.headers()).isEqualTo(Map.of("x-tenant", "blue", "a", "b"));
    assertThat(seen.id()).isEqualTo("7");
  }

  @Test
  void sizesAreLimitedHereToo() {
    try (ClutchClient small =
        ClutchClient.builder().servers(worker.address().toString()).maxMessageSize(100).build()) {
      assertThat(small.request("text", "x".repeat(98), String.class)).hasSize(98);
      ClutchException failure =
          failureOf(() -> small.request("text", "x".repeat(99), String.class));
      assertThat(failure.reason()).isEqualTo(Reason.MESSAGE_TOO_LARGE);
      assertThat(failure.started()).isEqualTo(Started.NO);
      assertThat(failure).hasMessageContaining("101").hasMessageContaining("100");
      ClutchException result = failureOf(() -> small.request("bytes", 1_000, byte[].class));
      assertThat(result.reason()).isEqualTo(Reason.MESSAGE_TOO_LARGE);
      assertThat(result.started()).isEqualTo(Started.YES);
    }
    assertThat(client.request("bytes", 2000, byte[].class)).hasSize(2000);
    assertThat(failureOf(() -> client.request("bytes", 2001, byte[].class)).reason())
        .isEqualTo(Reason.MESSAGE_TOO_LARGE);
  }

  @Test
  void aCallEndsByItsDeadline() throws Exception {
    ClutchException failure =
        failureOf(
            () -> client.request(Request.of("sleep", null).withTimeout(Duration.ofMillis(500))));
    assertThat(failure.reason()).isEqualTo(Reason.DEADLINE_EXCEEDED);
    assertThat(failure).hasMessageContaining("500 ms");
    assertThat(interrupted.await(30, TimeUnit.SECONDS)).isTrue();
  }

  @Test
  void cancellingTheFutureReachesTheFunction() throws Exception {
    CompletableFuture<Void> call = client.requestAsync("sleep", null, Void.class);
    assertThat(started.await(30, TimeUnit.SECONDS)).isTrue();
    call.cancel(true);
    assertThat(interrupted.await(30, TimeUnit.SECONDS)).isTrue();
  }

  @Test
  void interruptingWhoWaitsCancelsTheCall() throws Exception {
    AtomicReference<ClutchException> failure = new AtomicReference<>();
    AtomicReference<Boolean> stillInterrupted = new AtomicReference<>();
    Thread waiting =
        new Thread(
            () -> {
              failure.set(failureOf(() -> client.request("sleep", null, Void.class)));
              stillInterrupted.set(Thread.currentThread().isInterrupted());
            });
    waiting.start();
    assertThat(started.await(30, TimeUnit.SECONDS)).isTrue();

    waiting.interrupt();
    waiting.join();

    assertThat(failure.get().reason()).isEqualTo(Reason.CANCELLED);
    assertThat(stillInterrupted.get()).isTrue();
    assertThat(interrupted.await(30, TimeUnit.SECONDS)).isTrue();
  }

  @Test
  void backgroundIsAcceptedUnderAnIdOrRefused() throws Exception {
    String id = client.requestBackground("call", null);
    Call seen = calls.poll(30, TimeUnit.SECONDS);
    assertThat(seen.id()).isEqualTo(id);
    assertThat(seen.isBackground()).isTrue();
    assertThat(failureOf(() -> client.requestBackground("nosuch", null)).reason())
        .isEqualTo(Reason.FUNCTION_NOT_FOUND);
  }

  @Test
  void aWorkerDescribesItself() {
    assertThat(client.describe().getFunctionsList())
        .extracting(function -> function.getName())
        .contains("text", "sleep");
  }

  @Test
  void aClosedClientRefuses() {
    client.close();
    ClutchException failure = failureOf(() -> client.request("text", "a", String.class));
    assertThat(failure.reason()).isEqualTo(Reason.CANCELLED);
    assertThat(failure.started()).isEqualTo(Started.NO);
    assertThat(failure).hasMessageContaining("closed");
  }

  @Test
  void asyncFailuresComeThroughTheFuture() {
    assertThat(client.requestAsync("text", Double.NaN, String.class))
        .failsWithin(Duration.ofSeconds(30))
        .withThrowableOfType(ExecutionException.class)
        .withCauseInstanceOf(ClutchException.class);
  }

  @Test
  void wrongOptionsAreNamed() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> ClutchClient.builder().timeout(Duration.ZERO))
        .withMessageContaining("timeout is PT0S");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> ClutchClient.builder().maxOutstanding(0))
        .withMessageContaining("maxOutstanding is 0");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> ClutchClient.builder().servers("nowhere").build())
        .withMessageContaining("'nowhere'");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> ClutchClient.builder().servers().build())
        .withMessageContaining("servers is empty");
  }
}
