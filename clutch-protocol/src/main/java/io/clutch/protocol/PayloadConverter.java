package io.clutch.protocol;

import io.clutch.v1.Payload;
import java.lang.reflect.Type;
import org.jspecify.annotations.Nullable;

/**
 * Turns one kind of values into payloads and back. A {@link PayloadCodec} asks its converters in
 * order and takes the first that says it can.
 *
 * <p>Never asked about null, nor about a payload without content: those are "no value" everywhere.
 * Implementations are thread-safe.
 */
public interface PayloadConverter {

  /** Whether {@link #encode} takes {@code value}. */
  boolean canEncode(Object value);

  /**
   * The payload of {@code value}.
   *
   * @throws ConversionException where it has none
   */
  Payload encode(Object value);

  /** Whether {@link #decode} may make a {@code type} of {@code payload}. */
  boolean canDecode(Payload payload, Type type);

  /**
   * The value in {@code payload}, as a {@code type}.
   *
   * @throws ConversionException where it does not fit
   */
  @Nullable Object decode(Payload payload, Type type);

  /**
   * Whether it may {@link #encode} values declared as {@code type}, or {@link #decode} payloads to
   * that type. What those are on the wire is then its own affair: a worker doesn't describe them,
   * and a typed contract isn't checked there.
   *
   * <p>By default it may, whatever the type is. Say no for the types of other converters, so that
   * they are checked.
   */
  default boolean mayTake(Type type) {
    return true;
  }
}
