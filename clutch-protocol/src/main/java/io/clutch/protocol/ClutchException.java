package io.clutch.protocol;

import static com.google.common.base.Preconditions.checkArgument;
import static java.util.Objects.requireNonNull;

import com.google.common.collect.ImmutableMap;
import com.google.errorprone.annotations.CanIgnoreReturnValue;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A call that failed: why ({@link #reason()}), and whether its function was started ({@link
 * #started()}). Immutable but for what {@link Throwable} lets change.
 */
public final class ClutchException extends RuntimeException {

  private static final long serialVersionUID = 1L;

  /** The key in {@link #details()} of the function's name. */
  public static final String FUNCTION = "function";

  /** The key in {@link #details()} of the class name of what the function threw. */
  public static final String EXCEPTION = "exception";

  private final Reason reason;
  private final Started started;
  private final @Nullable Duration retryDelay;
  private final ImmutableMap<String, String> details;

  private ClutchException(Builder builder) {
    super(builder.message, builder.cause);
    this.reason = builder.reason;
    this.started = builder.started;
    this.retryDelay = builder.retryDelay;
    this.details = builder.details.buildKeepingLast();
  }

  /** A failure for {@code reason} of a call whose function was not started. */
  public static ClutchException notStarted(Reason reason, String message) {
    return builder(reason, Started.NO, message).build();
  }

  /** Starts a failure with everything that must be said of one. */
  public static Builder builder(Reason reason, Started started, String message) {
    return new Builder(reason, started, message);
  }

  /** The same failure with {@code message} and {@code started} in place of its own. */
  public ClutchException restated(Started started, String message) {
    Builder builder = builder(reason, started, message).details(details).cause(this);
    return retryDelay == null ? builder.build() : builder.retryDelay(retryDelay).build();
  }

  /** Why the call failed. */
  public Reason reason() {
    return reason;
  }

  /** Whether the function was started. */
  public Started started() {
    return started;
  }

  /** How long the worker asks to wait before the call is repeated; empty where it says nothing. */
  public Optional<Duration> retryDelay() {
    return Optional.ofNullable(retryDelay);
  }

  /**
   * More about the failure, for programs: {@link #FUNCTION}, {@link #EXCEPTION} and others that
   * {@code docs/protocol.md} lists.
   */
  public ImmutableMap<String, String> details() {
    return details;
  }

  /** Whether repeating the call can neither run its function twice nor is bound to fail again. */
  public boolean isRepeatable() {
    return started == Started.NO && reason.isTransient();
  }

  /** Builds a {@link ClutchException}. Not thread-safe. */
  public static final class Builder {
    private final Reason reason;
    private final Started started;
    private final String message;
    private final ImmutableMap.Builder<String, String> details = ImmutableMap.builder();
    private @Nullable Throwable cause;
    private @Nullable Duration retryDelay;

    private Builder(Reason reason, Started started, String message) {
      this.reason = requireNonNull(reason);
      this.started = requireNonNull(started);
      this.message = requireNonNull(message);
    }

    /** What led to it. */
    @CanIgnoreReturnValue
    public Builder cause(Throwable cause) {
      this.cause = requireNonNull(cause);
      return this;
    }

    /** How long to wait before the call is repeated; not negative. */
    @CanIgnoreReturnValue
    public Builder retryDelay(Duration retryDelay) {
      checkArgument(!retryDelay.isNegative(), "retryDelay is negative: %s", retryDelay);
      this.retryDelay = retryDelay;
      return this;
    }

    /** Adds one detail. */
    @CanIgnoreReturnValue
    public Builder detail(String key, String value) {
      details.put(key, value);
      return this;
    }

    /** Adds details. */
    @CanIgnoreReturnValue
    public Builder details(ImmutableMap<String, String> more) {
      details.putAll(more);
      return this;
    }

    /** The failure. */
    public ClutchException build() {
      return new ClutchException(this);
    }
  }
}
