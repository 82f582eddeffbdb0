package io.clutch.benchmarks.micro;

import com.google.common.base.Ticker;
import io.clutch.protocol.ClutchException;
import io.clutch.worker.internal.dispatch.Dispatcher;
import io.clutch.worker.internal.dispatch.Task;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/** What the dispatcher adds to a call: from its submission to its outcome. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class DispatcherBenchmark {

  private static final int BATCH = 64;

  private static final Dispatcher.Limits LIMITS =
      new Dispatcher.Limits(4, 1_000, Duration.ofSeconds(10));

  private final ExecutorService threads = Executors.newFixedThreadPool(4);
  private final ScheduledThreadPoolExecutor timer = new ScheduledThreadPoolExecutor(1);
  private final Dispatcher onThreads =
      new Dispatcher(LIMITS, threads, timer, Ticker.systemTicker());
  private final Dispatcher onCaller =
      new Dispatcher(LIMITS, Runnable::run, timer, Ticker.systemTicker());

  /** As a worker has it. */
  @Setup
  public void start() {
    timer.setRemoveOnCancelPolicy(true);
  }

  /** Ends their threads. */
  @TearDown
  public void stop() {
    threads.shutdownNow();
    timer.shutdownNow();
  }

  /** Alone, on a function thread: a hand-over there and one back. */
  @Benchmark
  public void handOver() throws InterruptedException {
    CountDownLatch ended = new CountDownLatch(1);
    onThreads.submit(new CountedTask(ended));
    ended.await();
  }

  /** Many at once, most of which wait for their turn. */
  @Benchmark
  @OperationsPerInvocation(BATCH)
  public void queue() throws InterruptedException {
    CountDownLatch ended = new CountDownLatch(BATCH);
    for (int i = 0; i < BATCH; i++) {
      onThreads.submit(new CountedTask(ended));
    }
    ended.await();
  }

  /** Without a hand-over: the accounts alone. */
  @Benchmark
  public void accounts() {
    onCaller.submit(new CountedTask(new CountDownLatch(1)));
  }

  private record CountedTask(CountDownLatch ended) implements Task {
    @Override
    public Runnable run() {
      return ended::countDown;
    }

    @Override
    public void dropped(ClutchException why) {
      throw new IllegalStateException(why);
    }

    @Override
    public void cancelled(ClutchException why) {
      throw new IllegalStateException(why);
    }
  }
}
