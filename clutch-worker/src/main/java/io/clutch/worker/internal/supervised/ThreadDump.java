package io.clutch.worker.internal.supervised;

import java.lang.management.ManagementFactory;
import java.lang.management.ThreadInfo;
import java.util.Arrays;
import java.util.Comparator;

/** What all threads do, as text. */
public final class ThreadDump {

  private static final int LONGEST = 512 * 1024;

  private ThreadDump() {}

  /** All threads, {@code first} in front. */
  public static String of(Thread first) {
    StringBuilder text = new StringBuilder();
    ThreadInfo[] threads = ManagementFactory.getThreadMXBean().dumpAllThreads(true, true);
    Arrays.stream(threads)
        .sorted(Comparator.comparing(info -> info.getThreadId() == first.getId() ? 0 : 1))
        .takeWhile(info -> text.length() < LONGEST)
        .forEach(info -> append(text, info));
    return text.toString();
  }

  /** As {@link ThreadInfo#toString}, which leaves out all but a few frames. */
  private static void append(StringBuilder text, ThreadInfo info) {
    text.append(
        "\"%s\"%s #%d %s"
            .formatted(
                info.getThreadName(),
                info.isDaemon() ? " daemon" : "",
                info.getThreadId(),
                info.getThreadState()));
    if (info.getLockName() != null) {
      text.append(" on ").append(info.getLockName());
      if (info.getLockOwnerName() != null) {
        text.append(" owned by \"").append(info.getLockOwnerName()).append('"');
      }
    }
    text.append('\n');
    for (StackTraceElement frame : info.getStackTrace()) {
      text.append("\tat ").append(frame).append('\n');
    }
    text.append('\n');
  }
}
