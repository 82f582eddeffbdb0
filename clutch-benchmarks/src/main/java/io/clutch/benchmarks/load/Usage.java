package io.clutch.benchmarks.load;

/** The processor time of the client and of the workers so far. */
@FunctionalInterface
public interface Usage {

  /** None that anybody asks for. */
  Usage NONE = () -> new Reading(0, 0);

  /** What it is now. */
  Reading read();

  /**
   * Processor time.
   *
   * @param clientNanos of the client's process
   * @param workerNanos of the workers' processes, and their supervisor's
   */
  record Reading(long clientNanos, long workerNanos) {

    /** What was used since {@code before}. */
    public Reading minus(Reading before) {
      return new Reading(clientNanos - before.clientNanos, workerNanos - before.workerNanos);
    }
  }
}
