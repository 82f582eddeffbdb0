package io.clutch.cli;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.common.collect.ImmutableMap;
import io.clutch.protocol.Durations;
import java.nio.file.Path;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** What a worker, or those of a pool, are told of the store of durable background calls. */
final class StoreOptions {

  private static final String POSTGRESQL = "postgresql://";

  @Option(
      names = "--store",
      paramLabel = "DIR|URL",
      description =
          "Where durable background calls are kept: a folder on a local disk, or"
              + " postgresql://user@host/database. Default: CLUTCH_STORE, else what the program"
              + " says, else none.")
  private @Nullable String store;

  @Option(
      names = "--job-lease",
      paramLabel = "TIME",
      description =
          "After which silence of a process the jobs that it runs are given to others."
              + " Default: CLUTCH_JOB_LEASE, else what the program says.")
  private @Nullable Duration lease;

  /**
   * What is given, by the names of the worker's options.
   *
   * @throws IllegalArgumentException where it is not legal
   */
  ImmutableMap<String, String> checked() {
    ImmutableMap.Builder<String, String> given = ImmutableMap.builder();
    if (store != null) {
      given.put("store", checked(store));
    }
    if (lease != null) {
      given.put("jobLease", Durations.format(lease));
    }
    return given.buildOrThrow();
  }

  private static String checked(String text) {
    checkArgument(!text.isBlank(), "--store is empty: want a folder or %s…", POSTGRESQL);
    if (text.startsWith(POSTGRESQL)) {
      return text;
    }
    // It may have a password.
    checkArgument(
        !text.contains("://"),
        "--store begins with '%s://': want a folder or %s…",
        text.substring(0, text.indexOf("://") < 0 ? 0 : text.indexOf("://")),
        POSTGRESQL);
    return Path.of(text).toAbsolutePath().toString();
  }
}
