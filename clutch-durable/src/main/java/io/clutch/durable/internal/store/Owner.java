package io.clutch.durable.internal.store;

/**
 * A process that may own jobs.
 *
 * @param id unlike all others
 * @param pool what its pool is called; empty where it is alone
 * @param slot its place there; 0 where it is alone
 * @param beats a count that grows as long as it lives, where nothing else tells that
 */
public record Owner(
    long id, String host, String pool, int slot, long generation, long processId, long beats) {

  /** For people. */
  public String name() {
    return slot == 0
        ? "%s, pid %d".formatted(host, processId)
        : "%s, slot %d, generation %d, pid %d".formatted(host, slot, generation, processId);
  }
}
