package io.clutch.protocol;

import com.google.common.math.LongMath;
import java.math.BigDecimal;
import java.time.Duration;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Durations as people write them on command lines, and as protobuf does. */
public final class Durations {

  /** The longest duration that an option may have: what is longer is a mistake, or no limit. */
  public static final Duration LONGEST = Duration.ofDays(36_500);

  private static final Pattern PATTERN = Pattern.compile("(\\d+(?:\\.\\d{1,9})?)(ms|s|m|h)?");

  private Durations() {}

  /**
   * Reads {@code 200ms}, {@code 10s}, {@code 1.5s}, {@code 5m}, {@code 1h}, or a bare number of
   * seconds.
   *
   * @throws IllegalArgumentException where it is none; the message names it and what is legal
   */
  public static Duration parse(String text) {
    Matcher matcher = PATTERN.matcher(text.strip());
    if (!matcher.matches()) {
      throw notOne(text, null);
    }
    long unit =
        switch (matcher.group(2) == null ? "s" : matcher.group(2)) {
          case "ms" -> 1_000_000L;
          case "m" -> 60_000_000_000L;
          case "h" -> 3_600_000_000_000L;
          default -> 1_000_000_000L;
        };
    try {
      return Duration.ofNanos(
          new BigDecimal(matcher.group(1)).multiply(BigDecimal.valueOf(unit)).longValueExact());
    } catch (ArithmeticException e) {
      throw notOne(text, e);
    }
  }

  /** What {@link #parse} reads as the same duration, which must not be negative. */
  public static String format(Duration duration) {
    return String.format(Locale.ROOT, "%d.%09ds", duration.toSeconds(), duration.toNanosPart());
  }

  /** The protobuf message for {@code duration}. */
  public static com.google.protobuf.Duration toProto(Duration duration) {
    // Protobuf wants one sign for both; Java counts nanoseconds upwards always.
    boolean roundedDown = duration.isNegative() && duration.getNano() > 0;
    return com.google.protobuf.Duration.newBuilder()
        .setSeconds(roundedDown ? duration.getSeconds() + 1 : duration.getSeconds())
        .setNanos(roundedDown ? duration.getNano() - 1_000_000_000 : duration.getNano())
        .build();
  }

  /** The duration that the protobuf message says, or the longest there is where that is longer. */
  public static Duration fromProto(com.google.protobuf.Duration duration) {
    int nanos = duration.getNanos();
    return Duration.ofSeconds(
        LongMath.saturatedAdd(duration.getSeconds(), Math.floorDiv(nanos, 1_000_000_000)),
        Math.floorMod(nanos, 1_000_000_000));
  }

  private static IllegalArgumentException notOne(String text, @Nullable Exception cause) {
    return new IllegalArgumentException(
        "'" + text + "' is not a duration: want a number with ms, s, m or h, such as 200ms or 10s",
        cause);
  }
}
