package io.clutch.benchmarks.load;

/**
 * What a load showed.
 *
 * @param calls how many calls ended in the measured time
 * @param nanos how long that was
 * @param usage the processor time that was used meanwhile
 * @param latencies of the calls that were timed
 * @param failures of all calls, those outside of the measured time too
 */
public record Measurement(
    long calls, long nanos, Usage.Reading usage, Latencies latencies, Failures failures) {

  /** Calls a second. */
  public double rate() {
    return calls / (nanos / 1e9);
  }
}
