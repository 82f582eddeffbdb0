package io.clutch.supervisor.internal.keep;

import com.google.common.primitives.Ints;
import java.time.Instant;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Who the supervisor is.
 *
 * @param starterGeneration what Server::Starter says; null where it did not start this
 */
record Identity(long pid, long parentPid, Instant startedAt, @Nullable Integer starterGeneration) {

  static Identity ofProcess(Function<String, @Nullable String> environment) {
    ProcessHandle self = ProcessHandle.current();
    String generation = environment.apply("SERVER_STARTER_GENERATION");
    return new Identity(
        self.pid(),
        self.parent().map(ProcessHandle::pid).orElse(0L),
        Instant.now(),
        generation == null ? null : Ints.tryParse(generation));
  }
}
