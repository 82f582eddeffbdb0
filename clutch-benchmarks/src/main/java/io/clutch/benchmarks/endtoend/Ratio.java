package io.clutch.benchmarks.endtoend;

import static io.clutch.benchmarks.endtoend.Contestant.INLINE;
import static io.clutch.benchmarks.endtoend.Contestant.INLINE_DIRECT;
import static io.clutch.benchmarks.endtoend.Contestant.POOL;
import static io.clutch.benchmarks.endtoend.Contestant.RAW_DIRECT;
import static io.clutch.benchmarks.endtoend.Contestant.RAW_FIXED;
import static io.clutch.benchmarks.endtoend.Contestant.STANDALONE;
import static io.clutch.benchmarks.endtoend.Contestant.THREADS;
import static io.clutch.benchmarks.endtoend.Contestant.UNARY;
import static io.clutch.benchmarks.endtoend.Load.BACKGROUND;
import static io.clutch.benchmarks.endtoend.Load.FLIGHT_1;
import static io.clutch.benchmarks.endtoend.Load.FLIGHT_64;
import static io.clutch.benchmarks.endtoend.Load.MIB_4;

import com.google.common.collect.ImmutableList;
import io.clutch.benchmarks.program.Clients;
import java.util.function.ToDoubleFunction;

/**
 * A figure that the results come to.
 *
 * @param name what it is printed under
 * @param meaning what it is, for people
 * @param of how it comes about; NaN where something that it needs was not measured
 */
public record Ratio(String name, String meaning, ToDoubleFunction<Results> of) {

  /** All of them. */
  static final ImmutableList<Ratio> ALL =
      ImmutableList.<Ratio>builder()
          .addAll(rates("threads_64_vs_fixed_pool", FLIGHT_64, THREADS, RAW_FIXED))
          .addAll(rates("threads_64_vs_direct", FLIGHT_64, THREADS, RAW_DIRECT))
          .addAll(rates("inline_64_vs_direct", FLIGHT_64, INLINE, RAW_DIRECT))
          .addAll(rates("unary_64_vs_fixed_pool", FLIGHT_64, UNARY, RAW_FIXED))
          .add(p50("p50_1_inline_direct_vs_direct", INLINE_DIRECT, RAW_DIRECT))
          .add(p50("p50_1_inline_vs_direct", INLINE, RAW_DIRECT))
          .add(p50("p50_1_threads_vs_fixed_pool", THREADS, RAW_FIXED))
          .add(p50("unary_p50_1_vs_fixed_pool", UNARY, RAW_FIXED))
          .add(
              new Ratio(
                  "mib_4_vs_raw",
                  "1 MiB, 4 in flight, the lower one of threads / raw-fixed and inline / raw-direct, each the better one of both",
                  results ->
                      Results.min(
                          best(results, MIB_4, THREADS, RAW_FIXED),
                          best(results, MIB_4, INLINE, RAW_DIRECT))))
          .add(
              new Ratio(
                  "pool_2_vs_standalone_2",
                  "64 in flight, pool / standalone",
                  results ->
                      results.ratio(
                          new Entry(FLIGHT_64, POOL, Clients.AUTOMATIC),
                          new Entry(FLIGHT_64, STANDALONE, Clients.AUTOMATIC),
                          Sample::rate)))
          .add(
              new Ratio(
                  "background_accept_rate",
                  "background calls accepted a second by threads, the better one of both",
                  results -> results.bestRate(BACKGROUND, THREADS)))
          .add(
              new Ratio(
                  "unary_background_accept_rate",
                  "the same by unary",
                  results -> results.bestRate(BACKGROUND, UNARY)))
          .build();

  private static ImmutableList<Ratio> rates(
      String name, Load load, Contestant one, Contestant other) {
    String meaning = "%s in flight, %s / %s".formatted(load.outstanding(), one.id(), other.id());
    return ImmutableList.of(
        new Ratio(
            name, meaning + ", the better one of both", results -> best(results, load, one, other)),
        new Ratio(
            name + "_c1",
            meaning + ", 1 connection",
            results -> rate(results, load, one, other, 1)),
        new Ratio(
            name + "_c2",
            meaning + ", 2 connections",
            results -> rate(results, load, one, other, 2)));
  }

  private static Ratio p50(String name, Contestant one, Contestant other) {
    return new Ratio(
        name,
        "1 in flight, p50 of %s / %s".formatted(one.id(), other.id()),
        results ->
            results.ratio(new Entry(FLIGHT_1, one, 1), new Entry(FLIGHT_1, other, 1), Sample::p50));
  }

  private static double best(Results results, Load load, Contestant one, Contestant other) {
    return Results.max(rate(results, load, one, other, 1), rate(results, load, one, other, 2));
  }

  private static double rate(
      Results results, Load load, Contestant one, Contestant other, int connections) {
    return results.ratio(
        new Entry(load, one, connections), new Entry(load, other, connections), Sample::rate);
  }
}
