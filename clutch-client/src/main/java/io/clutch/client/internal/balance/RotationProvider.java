package io.clutch.client.internal.balance;

/** {@link Choice#ROTATION} by name. Found by {@link java.util.ServiceLoader}. */
public final class RotationProvider extends BalanceProvider {

  /** For {@link java.util.ServiceLoader}. */
  public RotationProvider() {
    super(Choice.ROTATION);
  }
}
