package io.clutch.worker.internal.dispatch;

import static java.util.stream.Collectors.joining;

import java.util.Arrays;

/** Where a thread is, short enough to travel with an error. */
final class StackText {

  private static final int MOST_FRAMES = 12;

  private StackText() {}

  static String of(Thread thread) {
    StackTraceElement[] frames = thread.getStackTrace();
    String text =
        Arrays.stream(frames)
            .limit(MOST_FRAMES)
            .map(frame -> "  at " + frame)
            .collect(joining("\n"));
    int more = frames.length - MOST_FRAMES;
    return more > 0 ? text + "\n  and %d more".formatted(more) : text;
  }
}
