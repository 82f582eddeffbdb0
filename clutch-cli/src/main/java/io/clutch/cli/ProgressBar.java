package io.clutch.cli;

import io.clutch.client.Progress;
import java.io.PrintWriter;

/** Draws how far a function has come, in the last line of a terminal. Thread-safe. */
final class ProgressBar {

  private static final int WIDTH = 30;
  private static final int LONGEST_NOTE = 40;
  private static final String BACK_AND_CLEAR = "\r\u001b[K";

  private final PrintWriter terminal;
  private boolean isThere;

  ProgressBar(PrintWriter terminal) {
    this.terminal = terminal;
  }

  /** Draws it anew. */
  synchronized void show(Progress progress) {
    terminal.print(BACK_AND_CLEAR + text(progress));
    terminal.flush();
    isThere = true;
  }

  /** Takes it away. */
  synchronized void clear() {
    if (isThere) {
      terminal.print(BACK_AND_CLEAR);
      terminal.flush();
      isThere = false;
    }
  }

  static String text(Progress progress) {
    // It comes from a worker: nothing in it may steer the terminal.
    String note = progress.note().replaceAll("\\p{Cntrl}", " ").strip();
    if (note.length() > LONGEST_NOTE) {
      note = note.substring(0, LONGEST_NOTE - 1) + "…";
    }
    String count =
        progress.total() == 0
            ? Long.toString(progress.done())
            : bar(progress) + " " + progress.done() + "/" + progress.total();
    return note.isEmpty() ? count : count + " " + note;
  }

  private static String bar(Progress progress) {
    double part = Math.min(1.0, (double) progress.done() / (double) progress.total());
    int full = (int) (Math.max(0.0, part) * WIDTH);
    return "[" + "#".repeat(full) + ".".repeat(WIDTH - full) + "]";
  }
}
