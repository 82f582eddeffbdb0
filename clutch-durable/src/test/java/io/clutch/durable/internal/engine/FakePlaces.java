package io.clutch.durable.internal.engine;

import com.google.common.collect.ImmutableSet;
import com.google.common.util.concurrent.ThreadFactoryBuilder;
import io.clutch.protocol.ClutchException;
import io.clutch.protocol.Reason;
import io.clutch.protocol.Started;
import io.clutch.v1.Payload;
import io.clutch.worker.jobs.JobOutcome;
import io.clutch.worker.jobs.JobPlaces;
import io.clutch.worker.jobs.JobRun;
import io.clutch.worker.jobs.NewJob;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/** A worker with some threads, and functions that a test gives. */
final class FakePlaces implements JobPlaces, AutoCloseable {

  /** What is run for a job. */
  interface Body {
    Payload run(NewJob job, int attempt, JobOutcome outcome) throws Exception;
  }

  final AtomicInteger waitTold = new AtomicInteger();
  final AtomicInteger wantedTold = new AtomicInteger();

  /** How many outcomes were told. */
  final AtomicInteger outcomes = new AtomicInteger();

  private final ImmutableSet<String> functions;
  private final int concurrency;
  private final Body body;
  private final Semaphore free;
  private final ExecutorService threads =
      Executors.newCachedThreadPool(
          new ThreadFactoryBuilder().setNameFormat("places-%d").setDaemon(true).build());
  private volatile Runnable onFree = () -> {};
  private volatile boolean draining;

  /** What start throws; null where it does not. */
  final AtomicReference<@Nullable RuntimeException> startThrows = new AtomicReference<>();

  FakePlaces(int concurrency, Body body, String... functions) {
    this.concurrency = concurrency;
    this.body = body;
    this.functions = ImmutableSet.copyOf(functions);
    this.free = new Semaphore(concurrency);
  }

  void onFree(Runnable newOnFree) {
    onFree = newOnFree;
  }

  void drain() {
    draining = true;
  }

  @Override
  public ImmutableSet<String> functions() {
    return functions;
  }

  @Override
  public int concurrency() {
    return concurrency;
  }

  @Override
  public int free() {
    return free.availablePermits();
  }

  @Override
  public @Nullable JobRun start(NewJob job, int attempt, JobOutcome outcome) {
    RuntimeException thrown = startThrows.get();
    if (thrown != null) {
      throw thrown;
    }
    if (draining) {
      throw ClutchException.notStarted(Reason.DRAINING, "the test drains");
    }
    if (!free.tryAcquire()) {
      return null;
    }
    var running = threads.submit(() -> run(job, attempt, outcome));
    return message -> running.cancel(true);
  }

  private void run(NewJob job, int attempt, JobOutcome outcome) {
    Payload result = null;
    ClutchException failure = null;
    try {
      result = body.run(job, attempt, outcome);
    } catch (InterruptedException e) {
      failure = ClutchException.builder(Reason.CANCELLED, Started.YES, "interrupted").build();
    } catch (Exception e) {
      failure =
          ClutchException.builder(Reason.FUNCTION_FAILED, Started.YES, String.valueOf(e)).build();
    }
    free.release();
    onFree.run();
    if (failure == null) {
      outcome.result(result == null ? Payload.getDefaultInstance() : result);
    } else {
      outcome.failure(failure);
    }
    outcomes.incrementAndGet();
  }

  @Override
  public void jobsWait() {
    waitTold.incrementAndGet();
  }

  @Override
  public void jobsWanted() {
    wantedTold.incrementAndGet();
  }

  @Override
  public void close() {
    threads.shutdownNow();
  }
}
