package io.clutch.worker;

import static io.clutch.worker.TestCaller.failureOf;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.google.common.util.concurrent.ListenableFuture;
import io.clutch.protocol.ClutchException;
import io.clutch.protocol.Reason;
import io.clutch.protocol.Started;
import io.clutch.v1.CallResponse;
import io.grpc.Context;
import io.grpc.Deadline;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Time, room and size, over a real socket. */
class WorkerLimitsTest {

  private final AtomicInteger runs = new AtomicInteger();
  private final CountDownLatch started = new CountDownLatch(1);
  private final Semaphore mayEnd = new Semaphore(0);
  private final CountDownLatch interrupted = new CountDownLatch(1);
  private final BlockingQueue<Call> calls = new ArrayBlockingQueue<>(10);
  private final Worker.Builder builder =
      Worker.builder()
          .address("127.0.0.1:0")
          .concurrency(1)
          .gracefulTimeout(Duration.ofSeconds(5))
          .function("hold", Void.class, this::hold)
          .function("run", (Action) runs::incrementAndGet)
          .function(FunctionDefinition.named("roundTrip").inline().runs((nothing, call) -> null));
  private Worker worker;
  private TestCaller caller;

  private Void hold(Void nothing, Call call) throws InterruptedException {
    calls.add(call);
    started.countDown();
    try {
      mayEnd.acquire();
    } catch (InterruptedException e) {
      interrupted.countDown();
      throw e;
    }
    return null;
  }

  private void serve() throws IOException {
    worker = builder.build().start();
    caller = new TestCaller(worker);
  }

  private ListenableFuture<CallResponse> occupy() throws InterruptedException {
    ListenableFuture<CallResponse> holding = caller.start("hold", null);
    assertThat(started.await(30, TimeUnit.SECONDS)).isTrue();
    return holding;
  }

  @AfterEach
  void stop() throws InterruptedException {
    mayEnd.release(100);
    caller.close();
    worker.close();
  }

  @Test
  void aFullQueueRefusesAtOnce() throws Exception {
    builder.queueCapacity(1);
    serve();
    ListenableFuture<CallResponse> holding = occupy();
    ListenableFuture<CallResponse> queued = caller.start("run", null);
    // The connection keeps the order, so the next one finds the queue full.
    ClutchException failure = failureOf(() -> caller.call("run", null));

    assertThat(failure.reason()).isEqualTo(Reason.QUEUE_FULL);
    assertThat(failure.started()).isEqualTo(Started.NO);
    assertThat(failure.retryDelay()).isPresent();
    mayEnd.release();
    holding.get(30, TimeUnit.SECONDS);
    queued.get(30, TimeUnit.SECONDS);
    assertThat(runs).hasValue(1);
  }

  @Test
  void aDeadlineThatPassesInTheQueueNeverRunsTheFunction() throws Exception {
    serve();
    ListenableFuture<CallResponse> holding = occupy();

    ClutchException failure = failureOf(caller.start("run", null, Duration.ofMillis(100)));

    assertThat(failure.reason()).isEqualTo(Reason.DEADLINE_EXCEEDED);
    // The worker's clock for the call started when it arrived: give it that much more.
    ClutchException later = failureOf(caller.start("hold", null, Duration.ofMillis(500)));
    assertThat(later.reason()).isEqualTo(Reason.DEADLINE_EXCEEDED);
    mayEnd.release(2);
    holding.get(30, TimeUnit.SECONDS);
    worker.close();
    assertThat(runs).hasValue(0);
  }

  @Test
  void aCallCancelledInTheQueueNeverRuns() throws Exception {
    serve();
    ListenableFuture<CallResponse> holding = occupy();
    ListenableFuture<CallResponse> queued = caller.start("run", null);
    queued.cancel(true);
    // The connection keeps the order, so the worker knows of the cancellation when this is
    // answered.
    caller.call("roundTrip", null);
    ListenableFuture<CallResponse> behind = caller.start("run", null);

    mayEnd.release();
    holding.get(30, TimeUnit.SECONDS);
    behind.get(30, TimeUnit.SECONDS);
    assertThat(runs).hasValue(1);
  }

  @Test
  void cancellationReachesARunningFunction() throws Exception {
    serve();
    ListenableFuture<CallResponse> holding = occupy();
    Call call = calls.take();
    assertThat(call.isCancelled()).isFalse();

    holding.cancel(true);

    assertThat(interrupted.await(30, TimeUnit.SECONDS)).isTrue();
    assertThat(call.isCancelled()).isTrue();
    caller.call("run", null);
  }

  @Test
  void theCallersDeadlineReachesARunningFunction() throws Exception {
    serve();
    ClutchException failure = failureOf(caller.start("hold", null, Duration.ofSeconds(3)));
    assertThat(failure.reason()).isEqualTo(Reason.DEADLINE_EXCEEDED);
    assertThat(interrupted.await(30, TimeUnit.SECONDS)).isTrue();
  }

  @Test
  void timeoutInterruptsTheFunctionAndTellsTheCaller() throws Exception {
    builder.timeout(Duration.ofSeconds(1));
    serve();

    ClutchException failure = failureOf(() -> caller.call("hold", null));

    assertThat(failure.reason()).isEqualTo(Reason.FUNCTION_TIMEOUT);
    assertThat(failure.started()).isEqualTo(Started.YES);
    assertThat(interrupted.await(30, TimeUnit.SECONDS)).isTrue();
    caller.call("run", null);
  }

  @Test
  void theEarlierOfDeadlineAndTimeoutIsWhatAFunctionSees() throws Exception {
    BlockingQueue<Optional<Instant>> deadlines = new ArrayBlockingQueue<>(1);
    BlockingQueue<Deadline> forOutgoingCalls = new ArrayBlockingQueue<>(1);
    builder
        .timeout(Duration.ofSeconds(20))
        .function(
            "deadline",
            Void.class,
            (nothing, call) -> {
              deadlines.add(call.deadline());
              forOutgoingCalls.add(Context.current().getDeadline());
              return null;
            });
    serve();

    caller.start("deadline", null, Duration.ofMinutes(5)).get(30, TimeUnit.SECONDS);
    assertThat(deadlines.take().orElseThrow()).isBefore(Instant.now().plusSeconds(21));
    assertThat(forOutgoingCalls.take().timeRemaining(TimeUnit.SECONDS)).isLessThan(21);

    caller.start("deadline", null, Duration.ofSeconds(15)).get(30, TimeUnit.SECONDS);
    assertThat(deadlines.take().orElseThrow()).isBefore(Instant.now().plusSeconds(16));
    assertThat(forOutgoingCalls.take().timeRemaining(TimeUnit.SECONDS)).isLessThan(16);
  }

  @Test
  void timeoutZeroIsNone() throws Exception {
    BlockingQueue<Optional<Instant>> deadlines = new ArrayBlockingQueue<>(1);
    builder
        .timeout(Duration.ZERO)
        .function(
            "deadline",
            Void.class,
            (nothing, call) -> {
              deadlines.add(call.deadline());
              return null;
            });
    serve();
    String unused = caller.enqueue("deadline", null);
    assertThat(deadlines.poll(30, TimeUnit.SECONDS)).isEmpty();
  }

  @Test
  void anInlineFunctionDoesNotWaitForAFunctionThread() throws Exception {
    builder.function(
        FunctionDefinition.named("inline")
            .inline()
            .runs((nothing, call) -> Thread.currentThread().getName()));
    serve();
    ListenableFuture<CallResponse> holding = occupy();

    assertThat(caller.call("inline", null, String.class)).doesNotContain("clutch-function");

    mayEnd.release();
    holding.get(30, TimeUnit.SECONDS);
  }

  @Test
  void payloadsUpToTheLimitPassBothWays() throws IOException {
    int limit = 100_000;
    builder
        .maxMessageSize(limit)
        .function("bytes", byte[].class, bytes -> bytes)
        .function("make", int.class, size -> new byte[size]);
    serve();

    assertThat(caller.call("bytes", new byte[limit], byte[].class)).hasSize(limit);

    ClutchException argument = failureOf(() -> caller.call("bytes", new byte[limit + 1]));
    assertThat(argument.reason()).isEqualTo(Reason.MESSAGE_TOO_LARGE);
    assertThat(argument.started()).isEqualTo(Started.NO);
    assertThat(argument).hasMessageContaining("100001").hasMessageContaining("100000");

    ClutchException result = failureOf(() -> caller.call("make", limit + 1));
    assertThat(result.reason()).isEqualTo(Reason.MESSAGE_TOO_LARGE);
    assertThat(result.started()).isEqualTo(Started.YES);
  }

  @Test
  void anArgumentBeyondEvenTheEnvelopeIsRefusedAndTheWorkerServesOn() throws IOException {
    builder.maxMessageSize(1000).function("bytes", byte[].class, bytes -> bytes.length);
    serve();
    ClutchException failure = failureOf(() -> caller.call("bytes", new byte[3_000_000]));
    assertThat(failure.reason()).isEqualTo(Reason.MESSAGE_TOO_LARGE);
    assertThat(caller.call("bytes", new byte[1000], Integer.class)).isEqualTo(1000);
  }

  @Test
  void backgroundIsAnsweredBeforeItRunsAndOutlivesItsRpc() throws Exception {
    serve();
    ListenableFuture<CallResponse> holding = occupy();

    String id = caller.enqueue("hold", null);

    assertThat(id).isNotEmpty();
    calls.take();
    mayEnd.release();
    holding.get(30, TimeUnit.SECONDS);
    Call background = calls.poll(30, TimeUnit.SECONDS);
    assertThat(background.id()).isEqualTo(id);
    assertThat(background.isBackground()).isTrue();
    caller.close();
    mayEnd.release();
    worker.close();
    assertThat(interrupted.getCount()).isEqualTo(1);
  }

  @Test
  void backgroundTakesTheSameQueueAndIsRefusedLikeAnyCall() throws Exception {
    builder.queueCapacity(1);
    serve();
    ListenableFuture<CallResponse> holding = occupy();
    String unused = caller.enqueue("run", null);

    assertThat(failureOf(() -> caller.enqueue("run", null)).reason()).isEqualTo(Reason.QUEUE_FULL);
    assertThat(failureOf(() -> caller.enqueue("nosuch", null)).reason())
        .isEqualTo(Reason.FUNCTION_NOT_FOUND);

    mayEnd.release();
    holding.get(30, TimeUnit.SECONDS);
    await().untilAsserted(() -> assertThat(runs).hasValue(1));
  }
}
