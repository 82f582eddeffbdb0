package io.clutch.durable.internal.store;

import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;

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
   * The heads of lines in the order of their turns. Each has had its turn as soon as it is given;
   * for one caller at a time.
   *
   * @param lines one for each priority, in order
   */
  public <T> Iterator<T> inTurn(List<? extends List<T>> lines) {
    int[] next = new int[PRIORITIES];
    catchUp(lines);
    return new Iterator<>() {
      @Override
      public boolean hasNext() {
        return first(lines, next) >= 0;
      }

      @Override
      public T next() {
        int first = first(lines, next);
        if (first < 0) {
          throw new NoSuchElementException();
        }
        passes[first] += STRIDES[first];
        return lines.get(first).get(next[first]++);
      }
    };
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
