package io.clutch.client.internal.balance;

import java.time.Duration;
import java.util.Optional;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What is wrong with a server: connections that failed, and the pause before the next one, which
 * grows to a second. Says once in the log that a server cannot be reached, and once that it can.
 * Owned by the server's owner.
 */
final class Trouble {

  private static final Logger log = LoggerFactory.getLogger(Server.class);

  private static final Pauses PAUSES = new Pauses(Duration.ofMillis(50), Duration.ofSeconds(1));

  private final String server;
  private final RandomGenerator random;

  /** Since a connection lasted. */
  private int failures;

  private long failedAt;
  private long pauseEnd;
  private @Nullable String problem;
  private boolean reported;

  Trouble(String server, RandomGenerator random, long now) {
    this.server = server;
    this.random = random;
    this.failedAt = now;
    this.pauseEnd = now;
  }

  /** A connection failed. */
  void failed(String why, long now) {
    problem = why;
    failedAt = now;
    long end = now + PAUSES.after(++failures, random).toNanos();
    if (end - pauseEnd > 0) {
      pauseEnd = end;
    }
  }

  /** A connection that lasted was lost: that says nothing about the next one. */
  void lost() {
    problem = null;
  }

  /** A connection that was made then lasts. */
  void lasts(long madeAt) {
    if (madeAt - failedAt >= 0) {
      failures = 0;
      if (reported) {
        log.info("server {} is reached again", server);
        reported = false;
      }
    }
  }

  /** No connection is left. */
  void report() {
    if (problem != null && !reported) {
      log.warn("server {} cannot be reached: {}", server, problem);
      reported = true;
    }
  }

  /** Why the last connection could not be made. */
  Optional<String> problem() {
    return Optional.ofNullable(problem);
  }

  /** How long until the next one may be begun; negative where it may. */
  long nanosLeft(long now) {
    return pauseEnd - now;
  }
}
