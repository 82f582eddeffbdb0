package io.clutch.worker;

import static io.clutch.worker.TestCaller.failure;
import static io.clutch.worker.TestCaller.failureOf;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.common.util.concurrent.ListenableFuture;
import io.clutch.protocol.ClutchException;
import io.clutch.protocol.Reason;
import io.clutch.protocol.Started;
import io.clutch.v1.CallResponse;
import io.grpc.StatusRuntimeException;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;

/** The end of a worker. */
class DrainTest {

  private final AtomicInteger runs = new AtomicInteger();
  private final CountDownLatch started = new CountDownLatch(1);
  private final Semaphore mayEnd = new Semaphore(0);
  private Worker worker;
  private TestCaller caller;

  private void serve(Duration gracefulTimeout) throws IOException {
    worker =
        Worker.builder()
            .address("127.0.0.1:0")
            .concurrency(1)
            .gracefulTimeout(gracefulTimeout)
            .function("run", () -> runs.incrementAndGet())
            .function(
                "hold",
                () -> {
                  started.countDown();
                  mayEnd.acquire();
                  return runs.incrementAndGet();
                })
            .build()
            .start();
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
  void finishesWhatRunsAndWhatWaits() throws Exception {
    serve(Duration.ofSeconds(60));
    ListenableFuture<CallResponse> running = occupy();
    ListenableFuture<CallResponse> waiting = caller.start("run", null);
    String unused = caller.enqueue("run", null);

    CompletableFuture<Void> closed = CompletableFuture.runAsync(worker::close);
    mayEnd.release();

    running.get(30, TimeUnit.SECONDS);
    waiting.get(30, TimeUnit.SECONDS);
    closed.get(30, TimeUnit.SECONDS);
    assertThat(runs).hasValue(3);
  }

  @Test
  void givesUpAtTheGracefulTimeoutAndSaysWhatWasStarted() throws Exception {
    serve(Duration.ofMillis(200));
    ListenableFuture<CallResponse> running = occupy();
    ListenableFuture<CallResponse> waiting = caller.start("run", null);
    // Answered behind the other on the same connection, so that one has arrived.
    String unused = caller.enqueue("run", null);

    worker.close();

    ClutchException wasRunning = failureOf(running);
    assertThat(wasRunning.reason()).isEqualTo(Reason.UNAVAILABLE);
    assertThat(wasRunning.started()).isEqualTo(Started.YES);
    ClutchException wasWaiting = failureOf(waiting);
    assertThat(wasWaiting.reason()).isEqualTo(Reason.DRAINING);
    assertThat(wasWaiting.started()).isEqualTo(Started.NO);
    assertThat(runs).hasValue(0);
  }

  @Test
  void closingItTwiceWaitsTwice() throws Exception {
    serve(Duration.ofSeconds(60));
    ListenableFuture<CallResponse> running = occupy();
    CompletableFuture<Void> first = CompletableFuture.runAsync(worker::close);
    CompletableFuture<Void> second = CompletableFuture.runAsync(worker::close);

    assertThat(first).isNotDone();
    assertThat(second).isNotDone();
    mayEnd.release();

    running.get(30, TimeUnit.SECONDS);
    first.get(30, TimeUnit.SECONDS);
    second.get(30, TimeUnit.SECONDS);
  }

  @Test
  void runEndsWhenTheWorkerIsClosed() throws Exception {
    worker = Worker.builder().address("127.0.0.1:0").function("run", () -> 1).build();
    CompletableFuture<Void> run =
        CompletableFuture.runAsync(
            () -> {
              try {
                worker.run();
              } catch (IOException e) {
                throw new java.io.UncheckedIOException(e);
              }
            });
    org.awaitility.Awaitility.await()
        .ignoreException(IllegalStateException.class)
        .until(() -> worker.address().port() > 0);
    caller = new TestCaller(worker);

    worker.close();

    run.get(30, TimeUnit.SECONDS);
  }

  @RepeatedTest(5)
  void underLoadEveryCallHasAResultOrWasNotStarted() throws Exception {
    serve(Duration.ofSeconds(60));
    AtomicInteger results = new AtomicInteger();
    List<Thread> threads = new ArrayList<>();
    List<TestCaller> callers = new ArrayList<>();
    List<Throwable> lost = java.util.Collections.synchronizedList(new ArrayList<>());
    for (int i = 0; i < 4; i++) {
      TestCaller own = new TestCaller(worker);
      callers.add(own);
      for (int j = 0; j < 2; j++) {
        Thread thread = new Thread(() -> callUntilRefused(own, results, lost));
        thread.start();
        threads.add(thread);
      }
    }
    org.awaitility.Awaitility.await().until(() -> results.get() > 500);

    worker.close();
    for (Thread thread : threads) {
      thread.join();
    }
    for (TestCaller own : callers) {
      own.close();
    }

    assertThat(lost).isEmpty();
    // A function that ran without its caller knowing would show here.
    assertThat(runs).hasValue(results.get());
  }

  private static void callUntilRefused(
      TestCaller caller, AtomicInteger results, List<Throwable> lost) {
    while (true) {
      try {
        caller.call("run", null);
        results.incrementAndGet();
      } catch (StatusRuntimeException e) {
        boolean refused =
            failure(e).started() == Started.NO
                || String.valueOf(e.getCause()).contains("refused")
                || String.valueOf(e.getStatus().getDescription()).contains("GOAWAY");
        if (!refused) {
          lost.add(e);
        }
        return;
      }
    }
  }
}
