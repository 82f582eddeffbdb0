package io.clutch.protocol;

import io.clutch.v1.Payload;
import java.lang.reflect.Type;

/** Payloads as they are, for functions that pass values on without looking into them. */
final class RawConverter implements PayloadConverter {

  @Override
  public boolean canEncode(Object value) {
    return value instanceof Payload;
  }

  @Override
  public Payload encode(Object value) {
    return (Payload) value;
  }

  @Override
  public boolean canDecode(Payload payload, Type type) {
    return type == Payload.class;
  }

  @Override
  public Object decode(Payload payload, Type type) {
    return payload;
  }

  @Override
  public boolean mayTake(Type type) {
    return type == Payload.class;
  }
}
