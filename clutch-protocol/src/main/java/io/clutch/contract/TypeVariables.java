package io.clutch.contract;

import java.lang.reflect.GenericArrayType;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.Type;
import java.lang.reflect.TypeVariable;
import java.lang.reflect.WildcardType;
import java.util.Arrays;
import java.util.stream.Stream;

/** Finds what a generic type leaves open. */
final class TypeVariables {

  private TypeVariables() {}

  /** Those in it, in the order in which they stand there. */
  static Stream<TypeVariable<?>> in(Type type) {
    if (type instanceof TypeVariable<?> variable) {
      return Stream.of(variable);
    }
    if (type instanceof ParameterizedType generic) {
      Type owner = generic.getOwnerType();
      return Stream.concat(
          owner == null ? Stream.of() : in(owner), inAll(generic.getActualTypeArguments()));
    }
    if (type instanceof GenericArrayType array) {
      return in(array.getGenericComponentType());
    }
    return type instanceof WildcardType wildcard
        ? Stream.concat(inAll(wildcard.getUpperBounds()), inAll(wildcard.getLowerBounds()))
        : Stream.of();
  }

  private static Stream<TypeVariable<?>> inAll(Type[] types) {
    return Arrays.stream(types).flatMap(TypeVariables::in);
  }
}
