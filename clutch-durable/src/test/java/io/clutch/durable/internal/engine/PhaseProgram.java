package io.clutch.durable.internal.engine;

import com.google.common.collect.ImmutableList;
import io.clutch.durable.internal.sqlite.SqliteStores;
import io.clutch.durable.internal.store.Change;
import io.clutch.durable.internal.store.Changes;
import io.clutch.durable.internal.store.JobStore;
import io.clutch.durable.internal.store.JobStores;
import io.clutch.durable.internal.store.Owner;
import io.clutch.durable.internal.store.Written;
import io.clutch.v1.JobOptions;
import io.clutch.v1.Origin;
import io.clutch.v1.Payload;
import io.clutch.worker.jobs.NewJob;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.InstantSource;
import java.util.concurrent.TimeUnit;

/**
 * A process that keeps jobs in a store, accepts the job {@code a}, and halts at a given moment, as
 * if it were killed. Says {@code accepted} when it was told so, and appends a line to a file for
 * each run. Arguments: the store's folder, the file, the {@link Phase}.
 */
final class PhaseProgram {

  static final int EXIT_CODE = 137;

  /** When the process ends. */
  enum Phase {
    BEFORE_THE_COMMIT,
    AFTER_THE_COMMIT_BEFORE_THE_ANSWER,
    WHILE_IT_RUNS,
    AFTER_THE_RUN_BEFORE_ITS_COMMIT
  }

  private PhaseProgram() {}

  public static void main(String[] args) throws Exception {
    Path folder = Path.of(args[0]);
    Path lines = Path.of(args[1]);
    Phase phase = Phase.valueOf(args[2]);
    SqliteStores stores =
        new SqliteStores(
            folder,
            id -> new Owner(id, "here", "", 0, 0, ProcessHandle.current().pid(), 0),
            InstantSource.system());
    FakePlaces places =
        new FakePlaces(
            1,
            (job, attempt, outcome) -> {
              Files.writeString(
                  lines,
                  "attempt " + attempt + "\n",
                  StandardOpenOption.CREATE,
                  StandardOpenOption.APPEND);
              if (phase == Phase.WHILE_IT_RUNS) {
                halt();
              }
              return Payload.getDefaultInstance();
            },
            "f");
    JobEngine engine =
        new JobEngine(halting(stores, phase), places, Duration.ofHours(1), InstantSource.system());
    places.onFree(engine::placeFree);
    engine.start();
    while (true) {
      try {
        engine
            .accept(
                new NewJob(
                    "f",
                    Payload.getDefaultInstance(),
                    "",
                    ImmutableList.of(),
                    Origin.getDefaultInstance(),
                    JobOptions.newBuilder().setJobId("a").build()))
            .get(60, TimeUnit.SECONDS);
        break;
      } catch (java.util.concurrent.ExecutionException e) {
        // The store is not open yet.
        TimeUnit.MILLISECONDS.sleep(10);
      }
    }
    System.out.println("accepted");
    TimeUnit.SECONDS.sleep(60);
  }

  private static JobStores halting(JobStores stores, Phase phase) {
    return new JobStores() {
      @Override
      public JobStore open(boolean wasDamaged)
          throws io.clutch.durable.internal.store.StoreException {
        return halting(stores.open(wasDamaged), phase);
      }

      @Override
      public String name() {
        return stores.name();
      }
    };
  }

  private static JobStore halting(JobStore store, Phase phase) {
    return (JobStore)
        Proxy.newProxyInstance(
            JobStore.class.getClassLoader(),
            new Class<?>[] {JobStore.class},
            (proxy, method, args) -> {
              boolean writes = method.getName().equals("write");
              Changes changes = writes ? (Changes) args[0] : null;
              boolean accepts = writes && !changes.accepted().isEmpty();
              boolean ends =
                  writes && changes.changes().stream().anyMatch(Change.End.class::isInstance);
              if ((accepts && phase == Phase.BEFORE_THE_COMMIT)
                  || (ends && phase == Phase.AFTER_THE_RUN_BEFORE_ITS_COMMIT)) {
                halt();
              }
              Object result;
              try {
                result = method.invoke(store, args);
              } catch (InvocationTargetException e) {
                throw e.getCause();
              }
              if (accepts && phase == Phase.AFTER_THE_COMMIT_BEFORE_THE_ANSWER) {
                Written unused = (Written) result;
                halt();
              }
              return result;
            });
  }

  private static void halt() {
    Runtime.getRuntime().halt(EXIT_CODE);
  }
}
