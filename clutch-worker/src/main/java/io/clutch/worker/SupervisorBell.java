package io.clutch.worker;

/**
 * What a worker says to its supervisor about durable background calls in the store. Thread-safe.
 *
 * @param jobsWait says that there are some that it has no room for
 * @param jobsWanted says that it has room, and found none; {@link JobNews#jobsWait} is the answer,
 *     as soon as there are some
 */
record SupervisorBell(Runnable jobsWait, Runnable jobsWanted) {

  /** Of a worker that has no supervisor. */
  static final SupervisorBell NONE = new SupervisorBell(() -> {}, () -> {});
}
