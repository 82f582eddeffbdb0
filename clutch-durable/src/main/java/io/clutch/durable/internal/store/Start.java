package io.clutch.durable.internal.store;

/**
 * When a job may run.
 *
 * @param dueMillis since 1970; 0 is at once
 * @param delayMillis how long after now that is; 0 is at once, or at a fixed time
 */
public record Start(long dueMillis, long delayMillis) {

  /** Without waiting. */
  public static final Start NOW = new Start(0, 0);

  /** So long after now. */
  public static Start after(long nowMillis, long delayMillis) {
    return delayMillis <= 0 ? NOW : new Start(nowMillis + delayMillis, delayMillis);
  }

  /** At a fixed time. */
  public static Start at(long nowMillis, long dueMillis) {
    return dueMillis <= nowMillis ? NOW : new Start(dueMillis, 0);
  }

  /** Whether it may run at once. */
  public boolean isNow() {
    return dueMillis == 0;
  }
}
