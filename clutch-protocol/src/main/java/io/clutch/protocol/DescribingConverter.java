package io.clutch.protocol;

import io.clutch.v1.ValueDescription;
import java.lang.reflect.Type;

/** A converter of which is known what it makes of a type. */
interface DescribingConverter extends PayloadConverter {

  /**
   * What the payloads of a type that it takes are like, but for the name of the Java type.
   *
   * @param isRead whether it is about what it reads, not about what it writes
   */
  ValueDescription.Builder describe(Type type, boolean isRead);
}
