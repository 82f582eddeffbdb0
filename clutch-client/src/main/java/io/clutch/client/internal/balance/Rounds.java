package io.clutch.client.internal.balance;

import java.time.Duration;
import java.util.random.RandomGenerator;

/**
 * The attempts to reach every process of a server: one that ends without is followed by another one
 * after a pause, which grows. Owned by the server's owner.
 */
final class Rounds {

  private static final Pauses PAUSES = new Pauses(Duration.ofMillis(250), Duration.ofSeconds(30));

  private final RandomGenerator random;
  private int count;
  private long next;

  /** How many connections there were at the end of the last one: so many will do for now. */
  private int settledFor;

  Rounds(RandomGenerator random, long now) {
    this.random = random;
    this.next = now;
  }

  /** One is over. */
  void end(int reached, long now) {
    settledFor = reached;
    next = now + PAUSES.after(++count, random).toNanos();
  }

  /** All were reached, or what there is to reach has changed: the next pause is a short one. */
  void forget() {
    count = 0;
  }

  /** The next one may begin now. */
  void restart(long now) {
    forget();
    next = now;
  }

  /** How many connections there should be now, where {@code target} would be best. */
  int wanted(int target, long now) {
    return now - next < 0 ? Math.min(settledFor, target) : target;
  }

  /** How long until the next one may begin; negative where it may. */
  long nanosLeft(long now) {
    return next - now;
  }
}
