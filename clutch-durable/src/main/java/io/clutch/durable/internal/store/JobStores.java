package io.clutch.durable.internal.store;

/** Opens a store, again and again where it must. */
public interface JobStores {

  /**
   * Opens it and enters this process.
   *
   * @param wasDamaged whether damage was found in it before
   */
  JobStore open(boolean wasDamaged) throws StoreException;

  /** For people: where it is, without secrets. */
  String name();
}
