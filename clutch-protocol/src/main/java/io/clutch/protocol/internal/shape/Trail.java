package io.clutch.protocol.internal.shape;

import com.fasterxml.jackson.databind.JavaType;
import com.google.common.collect.ImmutableSet;

/**
 * The way into a type, which ends where it would go on too deep or for ever.
 *
 * @param left how many levels more may be looked into
 * @param above the types that were entered
 */
record Trail(int left, ImmutableSet<JavaType> above) {

  static Trail of(int levels) {
    return new Trail(levels, ImmutableSet.of());
  }

  boolean endsBefore(JavaType type) {
    return left == 0 || above.contains(type);
  }

  Trail into(JavaType type) {
    return new Trail(left - 1, ImmutableSet.<JavaType>builder().addAll(above).add(type).build());
  }
}
