package io.clutch.contract;

import java.lang.reflect.GenericArrayType;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.Type;
import java.lang.reflect.TypeVariable;
import java.lang.reflect.WildcardType;
import java.util.Arrays;

/** Finds what a generic type leaves open. */
final class TypeVariables {

  private TypeVariables() {}

  static boolean isIn(Type type) {
    if (type instanceof TypeVariable<?>) {
      return true;
    }
    if (type instanceof ParameterizedType generic) {
      return isInOneOf(generic.getActualTypeArguments());
    }
    if (type instanceof GenericArrayType array) {
      return isIn(array.getGenericComponentType());
    }
    return type instanceof WildcardType wildcard
        && (isInOneOf(wildcard.getUpperBounds()) || isInOneOf(wildcard.getLowerBounds()));
  }

  private static boolean isInOneOf(Type[] types) {
    return Arrays.stream(types).anyMatch(TypeVariables::isIn);
  }
}
