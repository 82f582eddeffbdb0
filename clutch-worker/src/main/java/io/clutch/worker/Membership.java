package io.clutch.worker;

import java.util.function.IntSupplier;

/**
 * What a worker is told by whoever runs it: its place among several, and its budget.
 *
 * @param slot its place in a pool, from 1; 0 where it is alone
 * @param generation how many times the slot was filled; 0 where it is alone
 * @param pool what this run of its supervisor has in common with no other; empty where it is alone
 * @param poolSize how many serve behind the same address
 * @param maxRequests how many calls it may take; 0 is without limit
 * @param onLastRequest is called once, when it has taken so many
 * @param bell tells the supervisor of durable background calls
 */
record Membership(
    int slot,
    long generation,
    String pool,
    IntSupplier poolSize,
    long maxRequests,
    Runnable onLastRequest,
    SupervisorBell bell) {

  /** A worker that is one of none. */
  static final Membership ALONE =
      new Membership(0, 0, "", () -> 1, 0, () -> {}, SupervisorBell.NONE);
}
