package io.clutch.worker.jobs;

import com.google.common.collect.ImmutableSet;
import io.clutch.protocol.ClutchException;
import org.jspecify.annotations.Nullable;

/** What a worker does for whoever keeps its jobs: runs them, and speaks to other processes. */
public interface JobPlaces {

  /** The names of its functions. */
  ImmutableSet<String> functions();

  /** How many calls it runs at the same time. */
  int concurrency();

  /** For how many calls more it has a place now. */
  int free();

  /**
   * Starts an attempt at once where a place is free.
   *
   * @param attempt from 1
   * @param outcome may be told before this returns
   * @return null where no place is free; then {@code outcome} is told nothing
   * @throws ClutchException where the worker takes no calls any more; likewise
   */
  @Nullable JobRun start(NewJob job, int attempt, JobOutcome outcome);

  /** There are jobs for which there is no room here: tells the others that want some. */
  void jobsWait();

  /** Wants to be told when there are jobs somewhere. */
  void jobsWanted();
}
