package io.clutch.benchmarks.fairshare;

import com.google.common.collect.ImmutableList;
import java.time.Duration;
import java.util.Random;

/** Calls that come by chance (a Poisson process), most of them short. */
final class Arrivals {

  static final int SHORT_MILLIS = 5;
  static final int LONG_MILLIS = 200;
  private static final double LONG_SHARE = 0.05;

  /** How long a function runs on the average. */
  private static final double MEAN_SECONDS =
      ((1 - LONG_SHARE) * SHORT_MILLIS + LONG_SHARE * LONG_MILLIS) / 1e3;

  private Arrivals() {}

  /** How many calls a second keep so many processes busy for that part of the time. */
  static double rate(int processes, double load) {
    return processes * load / MEAN_SECONDS;
  }

  /**
   * The calls that come within {@code time}: the same ones for the same seed. Neither when they
   * come nor how long they run depends on the number of clients.
   */
  static ImmutableList<Arrival> of(long seed, double rate, Duration time, int clients) {
    Random random = new Random(seed);
    ImmutableList.Builder<Arrival> arrivals = ImmutableList.builder();
    double seconds = gap(random, rate);
    while (seconds * 1e9 < time.toNanos()) {
      int millis = random.nextDouble() < LONG_SHARE ? LONG_MILLIS : SHORT_MILLIS;
      int client = Math.floorMod(random.nextInt(), clients);
      arrivals.add(new Arrival((long) (seconds * 1e9), millis, client));
      seconds += gap(random, rate);
    }
    return arrivals.build();
  }

  private static double gap(Random random, double rate) {
    return -Math.log(1 - random.nextDouble()) / rate;
  }
}
