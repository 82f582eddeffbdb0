package io.clutch.worker;

import java.util.function.IntSupplier;

/**
 * What a worker is told by whoever runs it: its place among several, and its budget.
 *
 * @param slot its place in a pool, from 1; 0 where it is alone
 * @param poolSize how many serve behind the same address
 * @param maxRequests how many calls it may take; 0 is without limit
 * @param onLastRequest is called once, when it has taken so many
 */
record Membership(int slot, IntSupplier poolSize, long maxRequests, Runnable onLastRequest) {

  /** A worker that is one of none. */
  static final Membership ALONE = new Membership(0, () -> 1, 0, () -> {});
}
