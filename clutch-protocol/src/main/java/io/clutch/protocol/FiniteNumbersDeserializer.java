package io.clutch.protocol;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.databind.DeserializationContext;
import com.fasterxml.jackson.databind.JsonDeserializer;
import com.fasterxml.jackson.databind.deser.std.DelegatingDeserializer;
import com.fasterxml.jackson.databind.deser.std.NumberDeserializers;
import com.fasterxml.jackson.databind.deser.std.PrimitiveArrayDeserializers;
import com.google.common.collect.ImmutableMap;
import java.io.IOException;
import java.util.Arrays;
import java.util.Map;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Refuses the numbers that JSON does not have, where Jackson would read them from text ({@code
 * "NaN"}), and those too large for their type, which it would read as infinite.
 */
final class FiniteNumbersDeserializer extends DelegatingDeserializer {

  private static final long serialVersionUID = 1L;

  private FiniteNumbersDeserializer(JsonDeserializer<?> delegate) {
    super(delegate);
  }

  /** By the type that each reads. */
  static Map<Class<?>, JsonDeserializer<?>> all() {
    ImmutableMap.Builder<Class<?>, JsonDeserializer<?>> all = ImmutableMap.builder();
    for (Class<?> type : new Class<?>[] {double.class, Double.class, float.class, Float.class}) {
      all.put(type, new FiniteNumbersDeserializer(NumberDeserializers.find(type, type.getName())));
    }
    for (Class<?> type : new Class<?>[] {double.class, float.class}) {
      all.put(
          type.arrayType(),
          new FiniteNumbersDeserializer(PrimitiveArrayDeserializers.forType(type)));
    }
    return all.buildOrThrow();
  }

  @Override
  protected JsonDeserializer<?> newDelegatingInstance(JsonDeserializer<?> delegate) {
    return new FiniteNumbersDeserializer(delegate);
  }

  @Override
  public @Nullable Object deserialize(JsonParser parser, DeserializationContext context)
      throws IOException {
    Object value = super.deserialize(parser, context);
    return isFinite(value)
        ? value
        : context.reportInputMismatch(handledType(), "not a finite number");
  }

  private static boolean isFinite(@Nullable Object value) {
    if (value instanceof Number number) {
      return Double.isFinite(number.doubleValue());
    }
    if (value instanceof double[] numbers) {
      return Arrays.stream(numbers).allMatch(Double::isFinite);
    }
    return !(value instanceof float[] numbers)
        || IntStream.range(0, numbers.length).allMatch(i -> Float.isFinite(numbers[i]));
  }
}
