package io.clutch.supervisor;

import com.google.common.collect.ImmutableSet;
import java.util.Locale;
import java.util.Optional;

/**
 * Where supervision works: it passes file descriptors between processes, which Clutch does with
 * Netty's epoll transport, on Linux on x86-64 and arm64. Workers that run alone, and clients, work
 * on every platform with Java.
 */
public final class SupervisorPlatform {

  private static final ImmutableSet<String> ARCHITECTURES =
      ImmutableSet.of("amd64", "x86_64", "aarch64", "arm64");

  private SupervisorPlatform() {}

  /** Why supervision does not work on this machine, for people; empty where it does. */
  public static Optional<String> problem() {
    return problem(System.getProperty("os.name", ""), System.getProperty("os.arch", ""));
  }

  /** Throws UnsupportedOperationException where there is a problem. */
  static void check() {
    problem()
        .ifPresent(
            problem -> {
              throw new UnsupportedOperationException(problem);
            });
  }

  static Optional<String> problem(String system, String architecture) {
    boolean supported =
        system.toLowerCase(Locale.ROOT).startsWith("linux")
            && ARCHITECTURES.contains(architecture.toLowerCase(Locale.ROOT));
    return supported
        ? Optional.empty()
        : Optional.of(
            "supervision needs Linux on x86-64 or arm64; this is %s on %s. A single worker runs here: clutch worker --main CLASS"
                .formatted(system, architecture));
  }
}
