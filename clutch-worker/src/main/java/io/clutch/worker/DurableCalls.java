package io.clutch.worker;

import com.google.common.collect.ImmutableList;
import io.clutch.protocol.ClutchException;
import io.clutch.protocol.Reason;
import io.clutch.protocol.TimeSource;
import io.clutch.v1.Header;
import io.clutch.v1.JobOptions;
import io.clutch.v1.Payload;
import io.clutch.worker.Intake.Admitted;
import io.clutch.worker.jobs.AcceptedJob;
import io.clutch.worker.jobs.JobKeeper;
import io.clutch.worker.jobs.JobKeeperProvider;
import io.clutch.worker.jobs.JobKeeping;
import io.clutch.worker.jobs.JobPlaces;
import io.clutch.worker.jobs.NewJob;
import java.io.IOException;
import java.util.Optional;
import java.util.ServiceLoader;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The worker's durable background calls; without a store, the refusal of them. Thread-safe. */
final class DurableCalls implements JobNews, AutoCloseable {

  private static final Logger log = LoggerFactory.getLogger(Worker.class);

  /** The header that is not written to disk. */
  private static final String AUTHORIZATION = "authorization";

  private final @Nullable JobKeeper keeper;

  private DurableCalls(@Nullable JobKeeper keeper) {
    this.keeper = keeper;
  }

  /**
   * Opens the store, where the worker has one.
   *
   * @throws IOException where it can never be of use as it is
   * @throws IllegalArgumentException where the option makes no sense
   */
  static DurableCalls open(
      WorkerOptions options, Membership membership, TimeSource time, JobPlaces places)
      throws IOException {
    String store = options.store().orElse(null);
    if (store == null) {
      return new DurableCalls(null);
    }
    JobKeeping keeping =
        new JobKeeping(
            store,
            options.jobLease(),
            options.jobRetention(),
            new JobKeeping.Member(
                membership.pool(),
                membership.slot(),
                membership.generation(),
                ProcessHandle.current().pid()),
            time);
    return new DurableCalls(provider().open(keeping, places));
  }

  private static JobKeeperProvider provider() {
    return ServiceLoader.load(JobKeeperProvider.class)
        .findFirst()
        .or(() -> ownLoader())
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "the worker has a store, but clutch-durable is not on the class path"));
  }

  /** Where the thread's class loader is not that of the program. */
  private static Optional<JobKeeperProvider> ownLoader() {
    return ServiceLoader.load(JobKeeperProvider.class, DurableCalls.class.getClassLoader())
        .findFirst();
  }

  /**
   * Whoever keeps the jobs.
   *
   * @throws ClutchException NO_STORE
   */
  JobKeeper keeper() {
    if (keeper == null) {
      throw ClutchException.notStarted(
          Reason.NO_STORE, "this worker keeps no durable calls: it was started without a store");
    }
    return keeper;
  }

  /**
   * Takes a call that was let in. Completes when it is on disk.
   *
   * @throws ClutchException NO_STORE
   */
  CompletableFuture<AcceptedJob> accept(
      Admitted admitted, Payload argument, String callId, Caller caller, JobOptions options) {
    ImmutableList.Builder<Header> headers = ImmutableList.builder();
    caller
        .headers()
        .forEach(
            (name, value) -> {
              if (!name.equals(AUTHORIZATION)) {
                headers.add(Header.newBuilder().setName(name).setValue(value).build());
              }
            });
    return keeper()
        .accept(
            new NewJob(
                admitted.function().name(),
                argument,
                callId,
                headers.build(),
                Origins.of(admitted.identity(), caller.peer()),
                options));
  }

  /** The worker serves. */
  void start() {
    if (keeper != null) {
      keeper.start();
    }
  }

  /** On a function thread, whose work must go on whatever happens. */
  void placeFree() {
    if (keeper != null) {
      try {
        keeper.placeFree();
      } catch (RuntimeException e) {
        log.error("starting jobs met a defect", e);
      }
    }
  }

  @Override
  public void jobsWait() {
    if (keeper != null) {
      keeper.jobsWait();
    }
  }

  @Override
  public void childGone(int slot, long generation, long processId, String how) {
    if (keeper != null) {
      keeper.childGone(slot, generation, processId, how);
    }
  }

  /** Begins no job any more. */
  void drain() {
    if (keeper != null) {
      keeper.drain();
    }
  }

  @Override
  public void close() {
    if (keeper != null) {
      keeper.close();
    }
  }
}
