package io.clutch.worker;

import com.google.common.base.CharMatcher;
import com.google.common.util.concurrent.RateLimiter;
import io.clutch.protocol.ClutchException;
import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells the operator who was refused: so many a second, for whoever is refused a thousand times a
 * second shall not fill the disk. Thread-safe.
 */
@SuppressWarnings("UnstableApiUsage") // RateLimiter is a beta of many years
final class RefusalLog {

  private static final Logger log = LoggerFactory.getLogger(Worker.class);

  private static final double LINES_PER_SECOND = 5;
  private static final int LONGEST = 300;

  /** Control characters, and what Unicode takes for the end of a line or a paragraph. */
  private static final CharMatcher NOT_ON_A_LINE =
      CharMatcher.javaIsoControl().or(CharMatcher.anyOf("\u2028\u2029"));

  private final RateLimiter lines = RateLimiter.create(LINES_PER_SECOND);
  private final AtomicLong unsaid = new AtomicLong();

  /**
   * @param what they wanted to call, as they said it
   */
  void refused(Caller caller, String what, ClutchException why) {
    if (!lines.tryAcquire()) {
      unsaid.incrementAndGet();
      return;
    }
    long before = unsaid.getAndSet(0);
    log.warn(
        "refused '{}' from {}: {} ({}){}",
        printable(what),
        caller.peer() == null ? "an unknown address" : caller.peer(),
        printable(String.valueOf(why.getMessage())),
        why.reason(),
        before == 0 ? "" : "; and " + before + " more before that");
  }

  /** Callers choose what stands in the log, so it must stay on its line. */
  private static String printable(String text) {
    String line = NOT_ON_A_LINE.replaceFrom(text, '?');
    return line.length() <= LONGEST ? line : line.substring(0, LONGEST) + "…";
  }
}
