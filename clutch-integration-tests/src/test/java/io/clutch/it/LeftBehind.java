package io.clutch.it;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import org.awaitility.core.ConditionTimeoutException;

/**
 * Finds what a test leaves behind: processes that its own ones started, and that outlived them. All
 * of them inherit a mark in their environment.
 */
final class LeftBehind {

  static final String VARIABLE = "STARTED_BY_TEST";

  private final String mark = UUID.randomUUID().toString();

  /** The value of {@link #VARIABLE} for the processes that are started. */
  String mark() {
    return mark;
  }

  /**
   * Waits until all are gone. Those that are not are killed.
   *
   * @throws AssertionError if one had to be killed
   */
  void awaitNone(Duration limit) {
    try {
      // Workers end by themselves a moment after their supervisor was killed.
      await()
          .atMost(limit)
          .pollDelay(Duration.ZERO)
          .pollInterval(Duration.ofMillis(50))
          .until(() -> alive().isEmpty());
    } catch (ConditionTimeoutException e) {
      List<ProcessHandle> left = alive();
      List<String> what = left.stream().map(LeftBehind::describe).toList();
      left.forEach(ProcessHandle::destroyForcibly);
      throw new AssertionError("processes were left behind: " + what, e);
    }
  }

  private List<ProcessHandle> alive() {
    return ProcessHandle.allProcesses().filter(this::isMarked).toList();
  }

  private boolean isMarked(ProcessHandle process) {
    try {
      // Empty for those that have ended and that nobody has waited for.
      byte[] environment =
          Files.readAllBytes(Path.of("/proc", String.valueOf(process.pid()), "environ"));
      return new String(environment, UTF_8).contains(VARIABLE + "=" + mark);
    } catch (IOException e) {
      // It has just gone, is another user's, or this is not Linux.
      return false;
    }
  }

  private static String describe(ProcessHandle process) {
    return process.pid() + " " + process.info().commandLine().orElse("");
  }
}
