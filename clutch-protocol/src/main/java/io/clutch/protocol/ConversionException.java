package io.clutch.protocol;

import org.jspecify.annotations.Nullable;

/** A value that has no payload, or a payload that does not fit the type asked for. */
public final class ConversionException extends RuntimeException {

  private static final long serialVersionUID = 1L;

  /** What does not fit, without the value itself: values don't belong in logs. */
  public ConversionException(String message) {
    this(message, null);
  }

  /** What does not fit, without the value itself, and what led to it. */
  public ConversionException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
