package io.clutch.benchmarks.load;

import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/** Counts the calls that failed, and keeps what the first one said. Thread-safe. */
public final class Failures {

  private final LongAdder count = new LongAdder();
  private final AtomicReference<@Nullable Throwable> first = new AtomicReference<>();

  /** Adds one. */
  public void add(Throwable failure) {
    count.increment();
    boolean unused = first.compareAndSet(null, failure);
  }

  /** How many there were. */
  public long count() {
    return count.sum();
  }

  /** What the first one said; null where there was none. */
  public @Nullable Throwable first() {
    return first.get();
  }
}
