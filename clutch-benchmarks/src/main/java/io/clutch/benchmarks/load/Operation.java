package io.clutch.benchmarks.load;

/** What a load does over and over. */
@FunctionalInterface
public interface Operation {

  /** Starts one call, and returns without waiting for its end. */
  void start(Done done);
}
