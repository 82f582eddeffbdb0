package io.clutch.durable.internal.store;

import java.util.ArrayList;
import java.util.List;

/**
 * Whose turn it is among jobs of different priorities: of 21, 16 are of high priority, 4 of normal
 * and 1 of low, as far as there are any; so the low ones come late, but come. Stride scheduling (C.
 * Waldspurger, W. Weihl, 1995). Not thread-safe.
 */
public final class PriorityTurns {

  /** How many priorities there are; the first is the highest. */
  public static final int PRIORITIES = 3;

  private static final long[] STRIDES = {1, 4, 16};

  private final long[] passes = new long[PRIORITIES];

  /**
   * Chooses from the heads of lines.
   *
   * @param lines one for each priority, in order
   * @return at most {@code count} of them, in order
   */
  public <T> List<T> choose(List<? extends List<T>> lines, int count) {
    int[] next = new int[PRIORITIES];
    List<T> chosen = new ArrayList<>();
    catchUp(lines);
    while (chosen.size() < count) {
      int first = first(lines, next);
      if (first < 0) {
        break;
      }
      chosen.add(lines.get(first).get(next[first]++));
      passes[first] += STRIDES[first];
    }
    return chosen;
  }

  /** Who had nothing to run has saved up no turns by that. */
  private void catchUp(List<? extends List<?>> lines) {
    long now = Long.MAX_VALUE;
    for (int i = 0; i < PRIORITIES; i++) {
      if (!lines.get(i).isEmpty()) {
        now = Math.min(now, passes[i]);
      }
    }
    for (int i = 0; i < PRIORITIES; i++) {
      if (lines.get(i).isEmpty() && now != Long.MAX_VALUE) {
        passes[i] = Math.max(passes[i], now);
      }
    }
  }

  private int first(List<? extends List<?>> lines, int[] next) {
    int first = -1;
    for (int i = 0; i < PRIORITIES; i++) {
      if (next[i] < lines.get(i).size() && (first < 0 || passes[i] < passes[first])) {
        first = i;
      }
    }
    return first;
  }
}
