package io.clutch.worker;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.google.common.util.concurrent.ListenableFuture;
import com.google.errorprone.annotations.CanIgnoreReturnValue;
import io.clutch.protocol.ClutchException;
import io.clutch.protocol.PayloadCodec;
import io.clutch.protocol.Reason;
import io.clutch.protocol.Started;
import io.clutch.v1.CallResponse;
import io.clutch.v1.WorkerGrpc;
import io.grpc.Metadata;
import io.grpc.stub.MetadataUtils;
import io.opentelemetry.sdk.metrics.data.LongPointData;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** Calls of a client with one connection, in a pool whose other processes idle. */
@EnabledOnOs(OS.LINUX)
class HandOverTest {

  private static final String TOKEN = "web-token-0123456789";

  @TempDir Path folder;

  private final Map<Integer, Semaphore> mayEnd =
      Map.of(1, new Semaphore(0), 2, new Semaphore(0), 3, new Semaphore(0));
  private final LinkedBlockingQueue<Integer> entered = new LinkedBlockingQueue<>();

  /** What {@code number} was called with. */
  private final LinkedBlockingQueue<Integer> order = new LinkedBlockingQueue<>();

  private final CountDownLatch interrupted = new CountDownLatch(1);
  private final AtomicReference<Call> seen = new AtomicReference<>();
  private final AtomicInteger runs = new AtomicInteger();
  private final Map<Integer, TestTelemetry> telemetry =
      Map.of(1, new TestTelemetry(), 2, new TestTelemetry(), 3, new TestTelemetry());
  private TestPool pool;

  @BeforeEach
  void make() {
    pool = new TestPool(folder);
  }

  @AfterEach
  void stop() throws Exception {
    mayEnd.values().forEach(semaphore -> semaphore.release(1_000));
    pool.close();
    telemetry.values().forEach(TestTelemetry::close);
  }

  private Worker.Builder describe(int slot, Worker.Builder builder) {
    return builder
        .openTelemetry(telemetry.get(slot).sdk())
        .function("slot", () -> slot)
        .function("hold", Void.class, (nothing, call) -> hold(slot))
        .function("bytes", byte[].class, bytes -> bytes)
        .function("fail", String.class, HandOverTest::fail)
        .function("number", Integer.class, this::number)
        .function(
            "look",
            Void.class,
            (nothing, call) -> {
              seen.set(call);
              return slot;
            });
  }

  private int number(int number) {
    order.add(number);
    return number;
  }

  private int hold(int slot) throws InterruptedException {
    entered.add(slot);
    try {
      mayEnd.get(slot).acquire();
    } catch (InterruptedException e) {
      interrupted.countDown();
      throw e;
    }
    return slot;
  }

  private static String fail(String message) {
    throw new IllegalStateException(message);
  }

  private void start(int size) throws Exception {
    pool.start(size, this::describe);
  }

  private TestCaller caller() {
    return pool.child(1).caller();
  }

  /** A call that holds the only place of the first process. */
  @CanIgnoreReturnValue
  private ListenableFuture<CallResponse> holdFirst() throws InterruptedException {
    ListenableFuture<CallResponse> held = caller().start("hold", null);
    assertThat(entered.poll(20, SECONDS)).isEqualTo(1);
    return held;
  }

  private static int number(ListenableFuture<CallResponse> call) throws Exception {
    return (Integer)
        PayloadCodec.standard().decode(call.get(20, SECONDS).getPayload(), Integer.class);
  }

  private void awaitWaiting(int slot, int calls) {
    await()
        .atMost(Duration.ofSeconds(20))
        .until(
            () ->
                telemetry
                        .get(slot)
                        .metric("clutch.worker.calls.waiting")
                        .getLongSumData()
                        .getPoints()
                        .stream()
                        .mapToLong(LongPointData::getValue)
                        .sum()
                    == calls);
  }

  private long counted(int slot, String metric) {
    return telemetry.get(slot).metrics().stream()
        .filter(data -> data.getName().equals(metric))
        .flatMap(data -> data.getLongSumData().getPoints().stream())
        .mapToLong(LongPointData::getValue)
        .sum();
  }

  @Test
  void aCallThatWouldWaitIsRunByAnIdleSibling() throws Exception {
    start(2);
    ListenableFuture<CallResponse> held = holdFirst();

    assertThat(caller().call("slot", null, Integer.class)).isEqualTo(2);

    assertThat(held).isNotDone();
    mayEnd.get(1).release();
    assertThat(number(held)).isEqualTo(1);
  }

  @Test
  void aCallThatNeedNotWaitIsRunWhereItCame() throws Exception {
    start(2);

    for (int i = 0; i < 20; i++) {
      assertThat(caller().call("slot", null, Integer.class)).isEqualTo(1);
    }
  }

  @Test
  void whileNoSiblingIsIdleItWaitsAndTheFirstOneToBecomeFreeTakesIt() throws Exception {
    start(3);
    List<ListenableFuture<CallResponse>> held = new ArrayList<>();
    held.add(holdFirst());
    for (int i = 0; i < 2; i++) {
      held.add(caller().start("hold", null));
      assertThat(entered.poll(20, SECONDS)).isIn(2, 3);
    }
    ListenableFuture<CallResponse> first = caller().start("slot", null);
    awaitWaiting(1, 1);

    mayEnd.get(3).release();
    assertThat(number(first)).isEqualTo(3);

    ListenableFuture<CallResponse> second = caller().start("hold", null);
    assertThat(entered.poll(20, SECONDS)).isEqualTo(3);
    ListenableFuture<CallResponse> third = caller().start("slot", null);
    awaitWaiting(1, 1);
    mayEnd.get(1).release();
    assertThat(number(third)).as("its own process is one of them").isEqualTo(1);
    mayEnd.values().forEach(Semaphore::release);
    assertThat(number(second)).isEqualTo(3);
    for (ListenableFuture<CallResponse> other : held) {
      assertThat(number(other)).isPositive();
    }
  }

  @Test
  void whoWaitsLongestGoesFirst() throws Exception {
    start(2);
    holdFirst();
    ListenableFuture<CallResponse> other = caller().start("hold", null);
    assertThat(entered.poll(20, SECONDS)).isEqualTo(2);
    List<ListenableFuture<CallResponse>> waiting = new ArrayList<>();
    for (int i = 0; i < 10; i++) {
      waiting.add(caller().start("number", i));
    }
    awaitWaiting(1, 10);

    mayEnd.get(2).release();

    for (int i = 0; i < 10; i++) {
      assertThat(order.poll(20, SECONDS)).isEqualTo(i);
      assertThat(number(waiting.get(i))).isEqualTo(i);
    }
    assertThat(number(other)).isEqualTo(2);
  }

  @Test
  void theFunctionSeesTheCallAsItsCallerMadeIt() throws Exception {
    Path tokens = Files.writeString(folder.resolve("tokens"), "web " + TOKEN + "\n");
    pool.start(2, (slot, builder) -> describe(slot, builder).tokens(tokens));
    Metadata headers = new Metadata();
    headers.put(
        Metadata.Key.of("authorization", Metadata.ASCII_STRING_MARSHALLER), "Bearer " + TOKEN);
    headers.put(Metadata.Key.of("tenant", Metadata.ASCII_STRING_MARSHALLER), "a");
    headers.put(Metadata.Key.of("tenant", Metadata.ASCII_STRING_MARSHALLER), "b");
    WorkerGrpc.WorkerFutureStub stub =
        WorkerGrpc.newFutureStub(caller().channel())
            .withInterceptors(MetadataUtils.newAttachHeadersInterceptor(headers))
            .withDeadlineAfter(30, SECONDS);
    ListenableFuture<CallResponse> held = stub.call(TestCaller.request("hold", null));
    assertThat(entered.poll(20, SECONDS)).isEqualTo(1);
    Instant before = Instant.now();

    int slot =
        number(stub.call(TestCaller.request("look", null).toBuilder().setCallId("mine").build()));

    assertThat(slot).isEqualTo(2);
    Call call = seen.get();
    assertThat(call.identity().names()).containsExactly("token:web");
    assertThat(call.headers()).isEqualTo(Map.of("tenant", "a,b"));
    assertThat(call.id()).isEqualTo("mine");
    assertThat(call.isBackground()).isFalse();
    assertThat(call.peer().orElseThrow().toString()).matches("/127\\.0\\.0\\.1:\\d+");
    assertThat(call.deadline().orElseThrow())
        .isBetween(before.plusSeconds(5), before.plusSeconds(31));
    mayEnd.get(1).release();
    assertThat(number(held)).isEqualTo(1);
  }

  @Test
  void aFailureIsToldAsTheProcessItselfWouldHaveToldIt() throws Exception {
    start(2);
    ClutchException own = TestCaller.failureOf(() -> caller().call("fail", "no luck"));
    holdFirst();

    ClutchException failure = TestCaller.failureOf(() -> caller().call("fail", "no luck"));

    assertThat(counted(2, "clutch.worker.calls.taken_over")).isEqualTo(1);
    assertThat(failure.reason()).isEqualTo(own.reason()).isEqualTo(Reason.FUNCTION_FAILED);
    assertThat(failure.started()).isEqualTo(Started.YES);
    assertThat(failure).hasMessage(own.getMessage());
    assertThat(failure.details()).isEqualTo(own.details());
  }

  @Test
  void whatIsWrongWithACallIsForItsOwnProcessToSay() throws Exception {
    start(2);
    ListenableFuture<CallResponse> held = holdFirst();
    ListenableFuture<CallResponse> wrong = caller().start("number", "no number");
    awaitWaiting(1, 1);

    mayEnd.get(1).release();

    ClutchException failure = TestCaller.failureOf(wrong);
    assertThat(failure.reason()).isEqualTo(Reason.BAD_ARGUMENTS);
    assertThat(failure.started()).isEqualTo(Started.NO);
    assertThat(number(held)).isEqualTo(1);
    assertThat(counted(1, "clutch.worker.calls.handed_over")).isZero();
  }

  @Test
  void largeArgumentsAndResultsGoBothWays() throws Exception {
    start(2);
    holdFirst();
    byte[] large = new byte[3 * 1024 * 1024];
    new Random(1).nextBytes(large);

    byte[] result = caller().call("bytes", large, byte[].class);

    assertThat(result).isEqualTo(large);
    assertThat(counted(2, "clutch.worker.calls.taken_over")).isEqualTo(1);
  }

  @Test
  void itsCallersCancellationReachesTheSibling() throws Exception {
    start(2);
    ListenableFuture<CallResponse> held = holdFirst();
    ListenableFuture<CallResponse> handed = caller().start("hold", null);
    assertThat(entered.poll(20, SECONDS)).isEqualTo(2);

    handed.cancel(true);

    assertThat(interrupted.await(20, SECONDS)).isTrue();
    assertThat(caller().call("slot", null, Integer.class)).as("its place is free").isEqualTo(2);
    assertThat(held).isNotDone();
  }

  @Test
  void itsDeadlineGoesAlong() throws Exception {
    start(2);
    holdFirst();
    ListenableFuture<CallResponse> handed = caller().start("hold", null, Duration.ofMillis(1_500));
    assertThat(entered.poll(20, SECONDS)).isEqualTo(2);

    assertThat(TestCaller.failureOf(handed).reason()).isEqualTo(Reason.DEADLINE_EXCEEDED);
    assertThat(interrupted.await(20, SECONDS)).isTrue();
    assertThat(caller().call("slot", null, Integer.class)).isEqualTo(2);
  }

  @Test
  void aCallerThatGoesTakesItsCallsAlong() throws Exception {
    start(2);
    holdFirst();
    ListenableFuture<CallResponse> unused = caller().start("hold", null);
    assertThat(entered.poll(20, SECONDS)).isEqualTo(2);

    caller().close();

    assertThat(interrupted.await(20, SECONDS)).isTrue();
  }

  @Test
  void callsInTheBackgroundStay() throws Exception {
    start(2);
    ListenableFuture<CallResponse> held = holdFirst();

    String unused = caller().enqueue("look", null);
    assertThat(caller().call("slot", null, Integer.class)).isEqualTo(2);

    assertThat(seen).hasNullValue();
    mayEnd.get(1).release();
    assertThat(number(held)).isEqualTo(1);
    await().atMost(Duration.ofSeconds(20)).until(() -> seen.get() != null);
    assertThat(counted(2, "clutch.worker.calls.taken_over")).isEqualTo(1);
  }

  @Test
  void eachProcessCountsItOnceAndOnlyOneAsACall() throws Exception {
    start(2);
    holdFirst();

    assertThat(caller().call("slot", null, Integer.class)).isEqualTo(2);

    assertThat(counted(1, "clutch.worker.calls.handed_over")).isEqualTo(1);
    assertThat(counted(1, "clutch.worker.calls.taken_over")).isZero();
    assertThat(counted(2, "clutch.worker.calls.taken_over")).isEqualTo(1);
    assertThat(counted(2, "clutch.worker.calls.handed_over")).isZero();
    assertThat(telemetry.get(1).metric("rpc.server.call.duration").getHistogramData().getPoints())
        .hasSize(1);
    assertThat(telemetry.get(2).metrics())
        .noneMatch(metric -> metric.getName().equals("rpc.server.call.duration"));
    assertThat(telemetry.get(2).span("slot").getAttributes().asMap().toString())
        .contains("clutch.from_sibling=true");
    assertThat(telemetry.get(1).span("slot").getAttributes().asMap().toString())
        .contains("clutch.handed_over=true");
  }

  @Test
  void aDrainHasSiblingsRunWhatWaits() throws Exception {
    start(2);
    ListenableFuture<CallResponse> held = holdFirst();
    ListenableFuture<CallResponse> handed = caller().start("hold", null);
    assertThat(entered.poll(20, SECONDS)).isEqualTo(2);
    ListenableFuture<CallResponse> waiting = caller().start("slot", null);
    awaitWaiting(1, 1);
    Thread drain = drain(1);

    mayEnd.get(2).release();

    assertThat(number(handed)).isEqualTo(2);
    assertThat(number(waiting)).isEqualTo(2);
    mayEnd.get(1).release();
    assertThat(number(held)).isEqualTo(1);
    drain.join(20_000);
    assertThat(drain.isAlive()).isFalse();
  }

  @Test
  void aSiblingThatDrainsFinishesWhatItHasAndGetsNoMore() throws Exception {
    start(2);
    ListenableFuture<CallResponse> held = holdFirst();
    ListenableFuture<CallResponse> handed = caller().start("hold", null);
    assertThat(entered.poll(20, SECONDS)).isEqualTo(2);
    Thread drain = drain(2);
    // It goes when the drain has been told to everyone.
    await()
        .atMost(Duration.ofSeconds(20))
        .until(() -> !Files.exists(Path.of(pool.child(2).siblingSocket())));
    pool.child(1).supervisor().siblings(List.of());

    ListenableFuture<CallResponse> waiting = caller().start("slot", null);
    mayEnd.get(2).release();

    assertThat(number(handed)).isEqualTo(2);
    drain.join(20_000);
    assertThat(drain.isAlive()).as("the stream does not hold it").isFalse();
    assertThat(waiting).isNotDone();
    mayEnd.get(1).release();
    assertThat(number(waiting)).isEqualTo(1);
    assertThat(number(held)).isEqualTo(1);
  }

  private Thread drain(int slot) {
    Thread drain =
        new Thread(
            () -> {
              try {
                pool.child(slot).drain();
              } catch (java.io.IOException e) {
                throw new java.io.UncheckedIOException(e);
              }
            });
    drain.start();
    return drain;
  }

  @Test
  void underManyCallsAndCancellationsEachHasOneOutcomeAndRunsAtMostOnce() throws Exception {
    long seed = ThreadLocalRandom.current().nextLong();
    Random random = new Random(seed);
    pool.start(3, (slot, builder) -> describe(slot, builder).function("nap", int.class, this::nap));
    List<ListenableFuture<CallResponse>> calls = new ArrayList<>();
    AtomicInteger cancelled = new AtomicInteger();
    for (int i = 0; i < 1_500; i++) {
      ListenableFuture<CallResponse> call = caller().start("nap", random.nextInt(2_000));
      if (random.nextInt(10) == 0) {
        call.cancel(true);
        cancelled.incrementAndGet();
      } else {
        calls.add(call);
      }
      if (i % 30 == 29) {
        // Or the queue is full.
        calls.get(calls.size() - 1).get(60, SECONDS);
      }
    }

    for (ListenableFuture<CallResponse> call : calls) {
      assertThat(call.get(60, SECONDS)).as("seed %s", seed).isNotNull();
    }
    assertThat(runs.get())
        .as("seed %s", seed)
        .isBetween(calls.size(), calls.size() + cancelled.get());
    long handed = counted(1, "clutch.worker.calls.handed_over");
    assertThat(handed).isPositive();
    await()
        .atMost(Duration.ofSeconds(20))
        .until(
            () ->
                counted(2, "clutch.worker.calls.taken_over")
                        + counted(3, "clutch.worker.calls.taken_over")
                    >= handed - cancelled.get());
  }

  private int nap(int micros) throws InterruptedException {
    runs.incrementAndGet();
    TimeUnit.MICROSECONDS.sleep(micros);
    return micros;
  }

  // With a sibling that is not what it should be.

  @Test
  void aSiblingThatDiesWithACallLeavesItInDoubt() throws Exception {
    start(1);
    try (FakeSibling sibling = new FakeSibling(folder.resolve("fake.sock"))) {
      pool.introduce(sibling.socket());
      holdFirst();
      ListenableFuture<CallResponse> handed = caller().start("slot", null);
      ListenableFuture<CallResponse> waiting = caller().start("slot", null);
      var stream = sibling.awaitStream();
      assertThat(sibling.awaitWaiting()).isPositive();
      FakeSibling.say(stream, message -> message.setPermits(1));
      assertThat(sibling.awaitCall().getFunction()).isEqualTo("slot");

      sibling.die();

      ClutchException failure = TestCaller.failureOf(handed);
      assertThat(failure.reason()).isEqualTo(Reason.UNAVAILABLE);
      assertThat(failure.started()).isEqualTo(Started.UNKNOWN);
      assertThat(waiting).isNotDone();
      mayEnd.get(1).release();
      assertThat(number(waiting)).as("it was not sent").isEqualTo(1);
    }
  }

  @Test
  void whatASiblingReturnsIsTheNextToRun() throws Exception {
    start(1);
    try (FakeSibling sibling = new FakeSibling(folder.resolve("fake.sock"))) {
      pool.introduce(sibling.socket());
      ListenableFuture<CallResponse> held = holdFirst();
      ListenableFuture<CallResponse> first = caller().start("number", 1);
      ListenableFuture<CallResponse> second = caller().start("number", 2);
      var stream = sibling.awaitStream();
      FakeSibling.say(stream, message -> message.setPermits(1));
      long id = sibling.awaitCall().getId();
      awaitWaiting(1, 1);

      FakeSibling.say(stream, message -> message.addReturned(id).setPermits(0));
      awaitWaiting(1, 2);
      mayEnd.get(1).release();

      assertThat(number(held)).isEqualTo(1);
      assertThat(number(first)).isEqualTo(1);
      assertThat(number(second)).isEqualTo(2);
      assertThat(order).containsExactly(1, 2);
    }
  }

  @Test
  void whatASiblingDoesNotWantIsRunHereAndNotHandedOverAgain() throws Exception {
    start(1);
    try (FakeSibling sibling = new FakeSibling(folder.resolve("fake.sock"))) {
      pool.introduce(sibling.socket());
      ListenableFuture<CallResponse> held = holdFirst();
      ListenableFuture<CallResponse> unknownThere = caller().start("slot", null);
      var stream = sibling.awaitStream();
      FakeSibling.say(stream, message -> message.setPermits(1));
      long id = sibling.awaitCall().getId();

      ClutchException notFound =
          ClutchException.notStarted(Reason.FUNCTION_NOT_FOUND, "there is no such function");
      FakeSibling.say(
          stream, message -> StreamItems.failure(id, notFound).writeTo(message.setPermits(1)));
      ListenableFuture<CallResponse> next = caller().start("number", 7);

      assertThat(sibling.awaitCall().getFunction()).isEqualTo("number");
      assertThat(unknownThere).isNotDone();
      mayEnd.get(1).release();
      assertThat(number(unknownThere)).isEqualTo(1);
      assertThat(number(held)).isEqualTo(1);
      assertThat(next).isNotDone();
    }
  }

  @Test
  void aSiblingThatSaysWhatMakesNoSenseIsLeft() throws Exception {
    start(1);
    try (FakeSibling sibling = new FakeSibling(folder.resolve("fake.sock"))) {
      pool.introduce(sibling.socket());
      holdFirst();
      ListenableFuture<CallResponse> handed = caller().start("slot", null);
      var stream = sibling.awaitStream();
      FakeSibling.say(stream, message -> message.setPermits(1));
      long unused = sibling.awaitCall().getId();

      FakeSibling.say(stream, message -> message.addReturned(4711));

      assertThat(TestCaller.failureOf(handed).reason()).isEqualTo(Reason.UNAVAILABLE);
      mayEnd.get(1).release();
      assertThat(caller().call("slot", null, Integer.class)).isEqualTo(1);
    }
  }

  @Test
  void siblingsAreLeftAloneUntilSomethingWaits() throws Exception {
    start(1);
    try (FakeSibling sibling = new FakeSibling(folder.resolve("fake.sock"))) {
      pool.introduce(sibling.socket());
      for (int i = 0; i < 10; i++) {
        assertThat(caller().call("slot", null, Integer.class)).isEqualTo(1);
      }
      assertThat(sibling.hasStream()).isFalse();
      ListenableFuture<CallResponse> held = holdFirst();
      ListenableFuture<CallResponse> waiting = caller().start("slot", null);
      var unused = sibling.awaitStream();
      assertThat(sibling.awaitWaiting()).isEqualTo(1);

      mayEnd.get(1).release();

      assertThat(number(held)).isEqualTo(1);
      assertThat(number(waiting)).isEqualTo(1);
      assertThat(sibling.awaitWaiting()).isZero();
    }
  }

  @Test
  void aSiblingThatCannotBeReachedIsTriedAgain() throws Exception {
    start(1);
    Path socket = folder.resolve("fake.sock");
    pool.introduce(socket.toString());
    holdFirst();
    ListenableFuture<CallResponse> waiting = caller().start("slot", null);
    awaitWaiting(1, 1);

    try (FakeSibling sibling = new FakeSibling(socket)) {
      var unused = sibling.awaitStream();
      assertThat(sibling.awaitWaiting()).isEqualTo(1);
      assertThat(waiting).isNotDone();
    }
  }
}
