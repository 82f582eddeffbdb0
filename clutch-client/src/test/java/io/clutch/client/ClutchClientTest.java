package io.clutch.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.google.common.reflect.TypeToken;
import io.clutch.protocol.ClutchException;
import io.clutch.protocol.ConversionException;
import io.clutch.protocol.PayloadConverter;
import io.clutch.protocol.Reason;
import io.clutch.protocol.Started;
import io.clutch.v1.Payload;
import io.clutch.worker.Call;
import io.clutch.worker.Worker;
import java.io.IOException;
import java.lang.reflect.Type;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
final class ClutchClientTest {

  private static final int LIMIT = 1_000;

  /** So long that no test passes for a timeout where it should pass for something else. */
  private static final Duration LONG = Duration.ofMinutes(10);

  private final CountDownLatch sleeping = new CountDownLatch(1);
  private final CountDownLatch interrupted = new CountDownLatch(1);
  private final Worker worker =
      Worker.builder()
          .address("127.0.0.1:0")
          .maxMessageSize(LIMIT)
          .timeout(Duration.ZERO)
          .function("greet", String.class, name -> "Hello, " + name)
          .function("identity", Payload.class, value -> value)
          .function("nothing", () -> {})
          .function("id", Void.class, (nothing, call) -> call.id())
          .function("headers", Void.class, (nothing, call) -> call.headers())
          .function("text", int.class, length -> "x".repeat(length))
          .function("fail", String.class, message -> fail(message))
          .function("sleep", Void.class, this::sleep)
          .build();
  private ClutchClient client;

  @BeforeEach
  void start() throws IOException {
    worker.start();
    client = builder().build();
  }

  @AfterEach
  void stop() {
    client.close();
    worker.close();
  }

  @Test
  void requestGivesTheResult() {
    assertThat(client.request("greet", "World", String.class)).isEqualTo("Hello, World");
  }

  @Test
  void requestGivesAGenericType() {
    Map<String, List<Integer>> value = Map.of("a", List.of(1, 2), "b", List.of());

    assertThat(client.request("identity", value, new TypeToken<Map<String, List<Integer>>>() {}))
        .isEqualTo(value);
  }

  @Test
  void aFunctionWithoutResultGivesNull() {
    assertThat(client.request("nothing", null, String.class)).isNull();
    assertThat(client.request(Request.of("greet", "passed over"))).isNull();
  }

  @Test
  void requestAsyncCompletesLater() {
    assertThat(client.requestAsync("greet", "you", String.class))
        .succeedsWithin(Duration.ofSeconds(20))
        .isEqualTo("Hello, you");
    assertThat(client.requestAsync("identity", List.of(1), new TypeToken<List<Integer>>() {}))
        .succeedsWithin(Duration.ofSeconds(20))
        .isEqualTo(List.of(1));
  }

  @Test
  void requestAsyncCompletesWithTheFailure() {
    assertThat(client.requestAsync("fail", "why", Void.class))
        .failsWithin(Duration.ofSeconds(20))
        .withThrowableOfType(ExecutionException.class)
        .withCauseInstanceOf(ClutchException.class)
        .withMessageContaining("why");
  }

  @Test
  void aFailureSaysWhatFailedAndWhereTheCallWasMade() {
    ClutchException failure = Failures.of(() -> client.request("fail", "my message", Void.class));

    assertThat(failure.reason()).isEqualTo(Reason.FUNCTION_FAILED);
    assertThat(failure.started()).isEqualTo(Started.YES);
    assertThat(failure).hasMessageContaining("my message").hasMessageContaining("fail");
    assertThat(failure.details())
        .containsEntry(ClutchException.FUNCTION, "fail")
        .containsEntry(ClutchException.EXCEPTION, IllegalStateException.class.getName());
    assertThat(failure.getStackTrace())
        .anyMatch(frame -> frame.getClassName().equals(ClutchClientTest.class.getName()));
  }

  @Test
  void anUnknownFunctionIsAnErrorThatNamesThoseThatExist() {
    ClutchException failure = Failures.of(() -> client.request("nosuch", null, Void.class));

    assertThat(failure.reason()).isEqualTo(Reason.FUNCTION_NOT_FOUND);
    assertThat(failure.started()).isEqualTo(Started.NO);
    assertThat(failure).hasMessageContaining("nosuch").hasMessageContaining("greet");
  }

  @Test
  void headersReachTheFunction() {
    Request<Map<String, String>> request =
        Request.of("headers", null, new TypeToken<Map<String, String>>() {})
            .withHeader("Tenant", "a b")
            .withHeader("x-trace", "1");

    assertThat(client.request(request))
        .containsEntry("tenant", "a b")
        .containsEntry("x-trace", "1");
  }

  @Test
  void theCallHasTheCallersIdOrOneOfItsOwn() {
    Request<String> request = Request.of("id", null, String.class);

    assertThat(client.request(request.withCallId("mine"))).isEqualTo("mine");
    assertThat(client.request(request)).isNotEmpty().isNotEqualTo(client.request(request));
  }

  @Test
  void theClientsTimeoutEndsACall() throws InterruptedException {
    try (ClutchClient impatient = builder().timeout(Duration.ofSeconds(3)).build()) {
      ClutchException failure = Failures.of(() -> impatient.request("sleep", null, Void.class));

      assertThat(failure.reason()).isEqualTo(Reason.DEADLINE_EXCEEDED);
      assertThat(interrupted.await(20, TimeUnit.SECONDS)).isTrue();
    }
  }

  @Test
  void aCallsOwnTimeoutWinsOverTheClients() {
    Request<Void> request = Request.of("sleep", null).withTimeout(Duration.ofSeconds(3));

    assertThat(Failures.of(() -> client.request(request)).reason())
        .isEqualTo(Reason.DEADLINE_EXCEEDED);
  }

  @Test
  void anArgumentOverTheClientsLimitIsNotSent() {
    try (ClutchClient small = builder().maxMessageSize(10).build()) {
      assertThat(small.request("identity", "12345678", String.class)).isEqualTo("12345678");

      ClutchException failure =
          Failures.of(() -> small.request("greet", "123456789", String.class));

      assertThat(failure.reason()).isEqualTo(Reason.MESSAGE_TOO_LARGE);
      assertThat(failure.started()).isEqualTo(Started.NO);
      assertThat(failure).hasMessageContaining("11").hasMessageContaining("10");
    }
  }

  @Test
  void anArgumentOverTheWorkersLimitIsRefused() {
    String largest = "x".repeat(LIMIT - 2);
    assertThat(client.request("identity", largest, String.class)).isEqualTo(largest);

    ClutchException failure =
        Failures.of(() -> client.request("identity", largest + "x", String.class));

    assertThat(failure.reason()).isEqualTo(Reason.MESSAGE_TOO_LARGE);
    assertThat(failure.started()).isEqualTo(Started.NO);
  }

  @Test
  void aResultOverTheWorkersLimitIsAnErrorOfAStartedCall() {
    assertThat(client.request("text", LIMIT - 2, String.class)).hasSize(LIMIT - 2);

    ClutchException failure = Failures.of(() -> client.request("text", LIMIT - 1, String.class));

    assertThat(failure.reason()).isEqualTo(Reason.MESSAGE_TOO_LARGE);
    assertThat(failure.started()).isEqualTo(Started.YES);
  }

  @Test
  void aResultOverTheClientsLimitIsAnErrorOfAStartedCall() {
    try (ClutchClient small = builder().maxMessageSize(10).build()) {
      assertThat(small.request("text", 8, String.class)).hasSize(8);

      ClutchException failure = Failures.of(() -> small.request("text", 9, String.class));

      assertThat(failure.reason()).isEqualTo(Reason.MESSAGE_TOO_LARGE);
      assertThat(failure.started()).isEqualTo(Started.YES);
      assertThat(failure).hasMessageContaining("11").hasMessageContaining("10");
    }
  }

  @Test
  void anArgumentWithoutPayloadIsABadArgument() {
    ClutchException failure =
        Failures.of(() -> client.request("identity", Double.NaN, Double.class));

    assertThat(failure.reason()).isEqualTo(Reason.BAD_ARGUMENTS);
    assertThat(failure.started()).isEqualTo(Started.NO);
    assertThat(failure).hasMessageContaining("NaN").hasMessageContaining("identity");
  }

  @Test
  void aResultThatDoesNotFitIsABadResult() {
    ClutchException failure = Failures.of(() -> client.request("greet", "x", Integer.class));

    assertThat(failure.reason()).isEqualTo(Reason.BAD_RESULT);
    assertThat(failure.started()).isEqualTo(Started.YES);
    assertThat(failure).hasMessageContaining("greet").hasMessageContaining("Integer");
  }

  @Test
  void aConverterInFrontIsAskedFirst() {
    try (ClutchClient shouting = builder().converter(new Shouting()).build()) {
      assertThat(shouting.request("greet", "you", String.class)).isEqualTo("HELLO, YOU");
      assertThat(shouting.request("identity", 1, Integer.class)).isEqualTo(1);
    }
  }

  @Test
  void aConverterThatBreaksFailsTheCall() {
    try (ClutchClient broken = builder().converter(new Broken()).build()) {
      assertThat(
              Failures.of(() -> broken.request("identity", new Exception(), Void.class)).reason())
          .isEqualTo(Reason.BAD_ARGUMENTS);
      assertThat(broken.requestAsync("identity", 1, Exception.class))
          .failsWithin(Duration.ofSeconds(20))
          .withThrowableOfType(ExecutionException.class)
          .withCauseInstanceOf(ClutchException.class)
          .withMessageContaining("broken converter");
    }
  }

  @Test
  void interruptingTheWaitingThreadCancelsTheCallOverThere() throws InterruptedException {
    AtomicReference<ClutchException> failure = new AtomicReference<>();
    AtomicReference<Boolean> stillInterrupted = new AtomicReference<>();
    Thread caller =
        new Thread(
            () -> {
              failure.set(Failures.of(() -> client.request("sleep", null, Void.class)));
              stillInterrupted.set(Thread.currentThread().isInterrupted());
            });
    caller.start();
    assertThat(sleeping.await(20, TimeUnit.SECONDS)).isTrue();

    caller.interrupt();

    caller.join();
    assertThat(failure.get()).extracting(ClutchException::reason).isEqualTo(Reason.CANCELLED);
    assertThat(stillInterrupted.get()).isTrue();
    assertThat(interrupted.await(20, TimeUnit.SECONDS)).isTrue();
  }

  @Test
  void cancellingTheFutureReachesASleepingFunction() throws InterruptedException {
    CompletableFuture<?> call = client.requestAsync("sleep", null, Void.class);
    assertThat(sleeping.await(20, TimeUnit.SECONDS)).isTrue();

    assertThat(call.cancel(false)).isTrue();

    assertThat(interrupted.await(20, TimeUnit.SECONDS)).isTrue();
    assertThat(call).isCancelled();
  }

  @Test
  void describeTellsWhatTheWorkerServes() {
    assertThat(client.describe().getProcessId()).isEqualTo(ProcessHandle.current().pid());
    assertThat(client.describe().getFunctionsList())
        .extracting(function -> function.getName())
        .contains("greet", "sleep")
        .isSorted();
  }

  @Test
  void aClosedClientRefusesCalls() {
    client.close();

    ClutchException failure = Failures.of(() -> client.request("greet", "x", String.class));

    assertThat(failure.reason()).isEqualTo(Reason.CANCELLED);
    assertThat(failure.started()).isEqualTo(Started.NO);
    assertThat(failure).hasMessageContaining("closed");
  }

  @Test
  void closingAClientEndsACallThatWaitsForAWorker() throws IOException {
    ClutchClient lonely = ClutchClient.builder().servers(Ports.unusedAddress()).build();
    CompletableFuture<?> call =
        lonely.requestAsync(
            Request.of("greet", "x", String.class).withTimeout(Duration.ofMinutes(5)));

    lonely.close();

    assertThat(call)
        .failsWithin(Duration.ofSeconds(20))
        .withThrowableOfType(ExecutionException.class)
        .withCauseInstanceOf(ClutchException.class)
        .withMessageContaining("closed");
  }

  @Test
  void closingAClientLetsCallsUnderWayEnd() throws Exception {
    try (Worker slow =
        Worker.builder()
            .address("127.0.0.1:0")
            .function("slow", Void.class, (nothing, call) -> slowly())
            .build()
            .start()) {
      ClutchClient closing = ClutchClient.builder().servers(slow.address().toString()).build();
      CompletableFuture<String> call = closing.requestAsync("slow", null, String.class);
      assertThat(sleeping.await(20, TimeUnit.SECONDS)).isTrue();

      closing.close();

      await().atMost(Duration.ofSeconds(20)).until(call::isDone);
      assertThat(call).isCompletedWithValue("done");
    }
  }

  @Test
  void aMessageAsLongAsAFailureMayBeArrivesShortened() {
    String longText = "é".repeat(LIMIT / 2 - 10);

    ClutchException failure = Failures.of(() -> client.request("fail", longText, Void.class));

    assertThat(failure.reason()).isEqualTo(Reason.FUNCTION_FAILED);
    assertThat(failure).hasMessageContaining("é".repeat(100));
  }

  @Test
  void optionsOutOfRangeAreRefusedByName() {
    assertThatThrownBy(() -> ClutchClient.builder().balance("nosuch"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("'nosuch'");
    assertThatThrownBy(() -> ClutchClient.builder().timeout(Duration.ZERO))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("timeout");
    assertThatThrownBy(() -> ClutchClient.builder().maxMessageSize(0))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("maxMessageSize is 0");
    assertThatThrownBy(() -> ClutchClient.builder().maxOutstanding(0))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("maxOutstanding is 0");
    assertThatThrownBy(() -> ClutchClient.builder().servers("nonsense").build())
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("nonsense");
  }

  private ClutchClient.Builder builder() {
    return ClutchClient.builder().servers(worker.address().toString()).timeout(LONG);
  }

  private static String fail(String message) {
    throw new IllegalStateException(message);
  }

  private String sleep(Void nothing, Call call) throws InterruptedException {
    sleeping.countDown();
    try {
      new CountDownLatch(1).await();
      return "awake";
    } catch (InterruptedException e) {
      interrupted.countDown();
      throw e;
    }
  }

  private String slowly() throws InterruptedException {
    sleeping.countDown();
    boolean unused = new CountDownLatch(1).await(500, TimeUnit.MILLISECONDS);
    return "done";
  }

  /** Text in capitals on its way in. */
  private static final class Shouting implements PayloadConverter {
    @Override
    public boolean canEncode(Object value) {
      return false;
    }

    @Override
    public Payload encode(Object value) {
      throw new ConversionException("encodes nothing");
    }

    @Override
    public boolean canDecode(Payload payload, Type type) {
      return type == String.class;
    }

    @Override
    public Object decode(Payload payload, Type type) {
      return payload.getJson().replace("\"", "").toUpperCase(java.util.Locale.ROOT);
    }
  }

  /** A converter with a defect. */
  private static final class Broken implements PayloadConverter {
    @Override
    public boolean canEncode(Object value) {
      return value instanceof Exception;
    }

    @Override
    public Payload encode(Object value) {
      throw new IllegalStateException("broken converter");
    }

    @Override
    public boolean canDecode(Payload payload, Type type) {
      return type == Exception.class;
    }

    @Override
    public Object decode(Payload payload, Type type) {
      throw new IllegalStateException("broken converter");
    }
  }
}
