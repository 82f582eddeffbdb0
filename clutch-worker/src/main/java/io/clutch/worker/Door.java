package io.clutch.worker;

import io.clutch.protocol.ClutchException;
import io.clutch.security.AccessControl;
import io.clutch.security.Identity;

/**
 * The door in front of the dispatcher: every call, whichever way it came in, passes it for itself,
 * so that what was allowed when a connection was made counts for nothing. Thread-safe.
 */
final class Door {

  private final AccessControl access;
  private final RefusalLog refusals;

  Door(AccessControl access, RefusalLog refusals) {
    this.access = access;
    this.refusals = refusals;
  }

  /**
   * Lets a call in.
   *
   * @return whose it is
   * @throws ClutchException UNAUTHENTICATED or PERMISSION_DENIED
   */
  Identity pass(Caller caller, String function) {
    try {
      Identity identity = identify(caller);
      access.check(identity, function);
      return identity;
    } catch (ClutchException e) {
      refusals.refused(caller, function, e);
      throw e;
    }
  }

  /** Whether it would let a call in. */
  boolean lets(Caller caller, String function) {
    try {
      access.check(identify(caller), function);
      return true;
    } catch (ClutchException e) {
      return false;
    }
  }

  /** What a sibling was satisfied with is good enough here, unless it did not want any proof. */
  private Identity identify(Caller caller) {
    Identity proved = caller.proved();
    return proved == null || (proved.isAnonymous() && access.authenticates())
        ? access.identify(caller.credentials())
        : proved;
  }
}
