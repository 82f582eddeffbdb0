package io.clutch.supervisor;

import io.clutch.v1.PoolEvent;

/**
 * Is told what happens in a pool: children that start, are ready, drain, die; restarts; the end.
 *
 * <p>Called on one thread of the supervisor's, in order; what takes time delays only further events
 * to listeners. What it throws is logged.
 */
@FunctionalInterface
public interface SupervisorListener {

  /** Something happened. */
  void onEvent(PoolEvent event);
}
