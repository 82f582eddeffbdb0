package io.clutch.durable.internal.store;

/** The store could not do what it was asked for. */
public class StoreException extends Exception {

  private static final long serialVersionUID = 1L;

  private final Effect effect;

  /** What is known of what was to be written. */
  public enum Effect {
    /** Nothing of it was. */
    NOTHING,
    /** All of it may have been. */
    UNKNOWN,
    /** Nothing of it was, and the store itself is damaged. */
    DAMAGED
  }

  /** One for {@code cause}. */
  public StoreException(String message, Effect effect, Throwable cause) {
    super(message, cause);
    this.effect = effect;
  }

  /** What is known of what was to be written. */
  public Effect effect() {
    return effect;
  }
}
