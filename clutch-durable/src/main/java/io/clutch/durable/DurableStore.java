package io.clutch.durable;

import com.google.common.base.Strings;
import io.clutch.durable.internal.engine.JobEngine;
import io.clutch.durable.internal.postgres.PostgresStores;
import io.clutch.durable.internal.sqlite.SqliteStores;
import io.clutch.durable.internal.store.JobStores;
import io.clutch.durable.internal.store.Owner;
import io.clutch.worker.jobs.JobKeeper;
import io.clutch.worker.jobs.JobKeeperProvider;
import io.clutch.worker.jobs.JobKeeping;
import io.clutch.worker.jobs.JobPlaces;
import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.function.LongFunction;

/** What a worker finds when it has a {@code store}. Not to be used by programs. */
public final class DurableStore implements JobKeeperProvider {

  /** For {@link java.util.ServiceLoader}. */
  public DurableStore() {}

  @Override
  public JobKeeper open(JobKeeping keeping, JobPlaces places) throws IOException {
    LongFunction<Owner> self = self(keeping.member());
    JobStores stores =
        PostgresStores.isFor(keeping.store())
            ? new PostgresStores(keeping.store(), self, keeping.lease(), keeping.time())
            : new SqliteStores(folder(keeping.store()), self, keeping.time());
    return new JobEngine(stores, places, keeping.retention(), keeping.time());
  }

  private static Path folder(String store) {
    try {
      return Path.of(store);
    } catch (InvalidPathException e) {
      throw new IllegalArgumentException(
          "store is '%s': want a folder, or postgresql://…".formatted(store), e);
    }
  }

  private static LongFunction<Owner> self(JobKeeping.Member member) {
    String host = host();
    return id ->
        new Owner(
            id, host, member.pool(), member.slot(), member.generation(), member.processId(), 0);
  }

  /** The machine's name, for people, and to tell machines from each other. */
  private static String host() {
    String name = Strings.nullToEmpty(System.getenv("HOSTNAME"));
    if (!name.isEmpty()) {
      return name;
    }
    try {
      return InetAddress.getLocalHost().getHostName();
    } catch (UnknownHostException e) {
      return "localhost";
    }
  }
}
