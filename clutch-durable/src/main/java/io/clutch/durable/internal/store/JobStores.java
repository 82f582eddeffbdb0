package io.clutch.durable.internal.store;

/** Opens a store, again and again where it must. */
public interface JobStores {

  /**
   * Opens it and enters this process.
   *
   * @param wasDamaged whether damage was found in it before
   */
  JobStore open(boolean wasDamaged) throws StoreException;

  /**
   * Whom to tell, from any thread, that other processes have jobs that wait, where this store hears
   * of that. Before it is opened for the first time.
   */
  default void onJobsWait(Runnable jobsWait) {}

  /** For people: where it is, without secrets. */
  String name();

  /** Opens nothing any more. What was opened is closed before. */
  default void close() {}
}
