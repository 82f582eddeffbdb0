package io.clutch.client.internal.balance;

/** Which of the usable connections a call takes. */
public enum Choice {
  /** One with the fewest calls in flight, in turn among equals. */
  FEWEST_IN_FLIGHT("clutch_least_loaded"),

  /** Each in turn, as in Clutch 0.05. */
  ROTATION("clutch_rotation");

  private final String policy;

  Choice(String policy) {
    this.policy = policy;
  }

  /** The name of the policy, by which gRPC knows it. */
  public String policy() {
    return policy;
  }
}
