package io.clutch.supervisor;

import com.google.common.math.LongMath;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Sizes of memory as people write them on command lines. */
public final class MemorySize {

  private static final Pattern PATTERN = Pattern.compile("(\\d{1,18})([kmg]?)b?");

  private MemorySize() {}

  /**
   * Reads {@code 512m}, {@code 2g}, {@code 65536k}, or a bare number of bytes.
   *
   * @throws IllegalArgumentException where it is none; the message names it and what is legal
   */
  public static long parse(String text) {
    Matcher matcher = PATTERN.matcher(text.strip().toLowerCase(Locale.ROOT));
    if (!matcher.matches()) {
      throw new IllegalArgumentException(
          "'%s' is not a size: want a number with k, m or g, such as 512m".formatted(text));
    }
    long unit =
        switch (matcher.group(2)) {
          case "k" -> 1L << 10;
          case "m" -> 1L << 20;
          case "g" -> 1L << 30;
          default -> 1L;
        };
    return LongMath.saturatedMultiply(Long.parseLong(matcher.group(1)), unit);
  }
}
