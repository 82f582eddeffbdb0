package io.clutch.supervisor.internal.process;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.util.ArrayDeque;
import java.util.Deque;

/** The last lines that a child printed. Thread-safe. */
final class LastLines {

  private static final int MOST_LINES = 20;
  private static final int LONGEST = 500;

  @GuardedBy("this")
  private final Deque<String> lines = new ArrayDeque<>();

  synchronized void add(byte[] line) {
    String text = new String(line, 0, Math.min(line.length, LONGEST), UTF_8);
    lines.addLast(line.length > LONGEST ? text + "…" : text);
    if (lines.size() > MOST_LINES) {
      lines.removeFirst();
    }
  }

  /** One below the other; empty where there were none. */
  synchronized String text() {
    return String.join("\n", lines);
  }
}
