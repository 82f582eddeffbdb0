package io.clutch.worker;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableSortedMap;
import io.clutch.process.Place;
import io.clutch.protocol.PayloadCodec;
import io.clutch.protocol.ServerAddress;
import io.clutch.security.AccessControl;
import io.clutch.worker.internal.sockets.ConnectionLimits;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** A worker under supervision within this process, which takes the steps of a process's life. */
final class SupervisedWorker implements AutoCloseable {

  private final Place place;
  private final Duration gracefulTimeout;
  private final Worker worker;
  private @Nullable Supervision supervision;

  SupervisedWorker(
      Place place, Duration gracefulTimeout, UnaryOperator<Worker.Builder> description) {
    this.place = place;
    this.gracefulTimeout = gracefulTimeout;
    this.worker =
        description.apply(Worker.builder().concurrency(1).gracefulTimeout(gracefulTimeout)).build();
  }

  void serve() throws IOException {
    // What a supervision reads of the options; the worker has its own.
    WorkerOptions options =
        new WorkerOptions(
            ImmutableList.of(ServerAddress.parse("127.0.0.1:0")),
            new FunctionTable(ImmutableSortedMap.of()),
            PayloadCodec.standard(),
            1,
            0,
            Duration.ZERO,
            1,
            gracefulTimeout,
            Optional.empty(),
            Duration.ofSeconds(30),
            Duration.ZERO,
            ConnectionLimits.DEFAULT,
            AccessControl.Options.NONE,
            false,
            Optional.empty(),
            Optional.empty(),
            null);
    supervision = Supervision.begin(place, worker, options);
    supervision.serve(
        error -> {
          throw new AssertionError(error);
        });
  }

  /** Completes when the worker is to end, with the time that its drain may take. */
  CompletableFuture<Duration> awaitEnd() {
    return CompletableFuture.supplyAsync(
        () -> {
          worker.awaitStop();
          return supervision.announceEnd();
        });
  }

  /** Someone other than the supervisor wants it to end. */
  void stop() {
    worker.askToStop();
  }

  boolean askForDrain() {
    return supervision.askForDrain();
  }

  @Override
  public void close() {
    worker.close();
    if (supervision != null) {
      supervision.close();
      supervision = null;
    }
  }
}
