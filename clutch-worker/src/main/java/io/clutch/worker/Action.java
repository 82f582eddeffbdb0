package io.clutch.worker;

/** A {@link WorkerFunction} without argument and result. */
@FunctionalInterface
public interface Action {

  /** Runs it, like {@link WorkerFunction#call}. */
  void run() throws Exception;
}
