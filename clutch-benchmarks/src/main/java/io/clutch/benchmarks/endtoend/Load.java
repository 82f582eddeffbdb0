package io.clutch.benchmarks.endtoend;

/** What the contestants are given to do. */
public enum Load {
  /** One call after the other. */
  FLIGHT_1("flight-1", "1 in flight, 100 bytes", 1, Sizes.SMALL),
  /** Some calls at a time. */
  FLIGHT_32("flight-32", "32 in flight, 100 bytes", 32, Sizes.SMALL),
  /** More. */
  FLIGHT_64("flight-64", "64 in flight, 100 bytes", 64, Sizes.SMALL),
  /** Many. */
  FLIGHT_256("flight-256", "256 in flight, 100 bytes", 256, Sizes.SMALL),
  /** Large payloads. */
  MIB_4("mib-4", "4 in flight, 1 MiB", 4, Sizes.LARGE),
  /** Background calls, until they are accepted. */
  BACKGROUND("background", "background calls, 64 in flight, 100 bytes", 64, Sizes.SMALL);

  private static final class Sizes {
    static final int SMALL = 100;
    static final int LARGE = 1024 * 1024;
  }

  private final String id;
  private final String description;
  private final int outstanding;
  private final int bytes;

  Load(String id, String description, int outstanding, int bytes) {
    this.id = id;
    this.description = description;
    this.outstanding = outstanding;
    this.bytes = bytes;
  }

  /** Its name on the command line. */
  public String id() {
    return id;
  }

  /** What it is. */
  public String description() {
    return description;
  }

  int outstanding() {
    return outstanding;
  }

  int bytes() {
    return bytes;
  }

  boolean isBackground() {
    return this == BACKGROUND;
  }

  /**
   * Whether calls at a steady rate follow, for how long calls take: not where they are alone
   * anyway, nor where bandwidth is the point, nor where an acceptance is no result.
   */
  boolean hasOpenLoop() {
    return this == FLIGHT_32 || this == FLIGHT_64 || this == FLIGHT_256;
  }

  boolean fits(Contestant contestant, int connections) {
    return switch (this) {
      case FLIGHT_1 -> connections < 2;
      case BACKGROUND -> contestant == Contestant.THREADS || contestant == Contestant.UNARY;
      // Where its threading makes a difference.
      case FLIGHT_64 -> true;
      case FLIGHT_32, FLIGHT_256, MIB_4 -> contestant != Contestant.INLINE_DIRECT;
    };
  }
}
