package io.clutch.client.internal.balance;

/** {@link Choice#FEWEST_IN_FLIGHT} by name. Found by {@link java.util.ServiceLoader}. */
public final class LeastLoadedProvider extends BalanceProvider {

  /** For {@link java.util.ServiceLoader}. */
  public LeastLoadedProvider() {
    super(Choice.FEWEST_IN_FLIGHT);
  }
}
