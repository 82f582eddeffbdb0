package io.clutch.protocol;

import com.google.protobuf.Any;
import io.clutch.protocol.internal.shape.ShapeFit;
import io.clutch.protocol.internal.shape.ShapeParser;
import io.clutch.v1.ValueDescription;
import io.clutch.v1.ValueDescription.Kind;
import java.util.Optional;
import java.util.regex.Pattern;

/** What is said of arguments and results: in words, and whether two fit each other. */
public final class ValueDescriptions {

  /** Types of which the shape alone says enough. */
  private static final Pattern PLAIN_TYPE = Pattern.compile("[a-z]+|java\\.lang\\.\\w+");

  private ValueDescriptions() {}

  /**
   * Why values like {@code written} don't fit where values like {@code read} are expected; empty
   * where they do, or where too little is said of them.
   *
   * <p>Their kinds must be the same, and of messages the names. JSON fits by its shape: what is in
   * both must fit, properties that are in one alone are passed over or null.
   */
  public static Optional<String> difference(ValueDescription written, ValueDescription read) {
    if (!isKnown(written) || !isKnown(read)) {
      return Optional.empty();
    }
    if (written.getKind() != read.getKind()) {
      return Optional.of("%s, read as %s".formatted(kind(written), kind(read)));
    }
    return switch (written.getKind()) {
      case JSON ->
          ShapeFit.difference(
              ShapeParser.parse(written.getShape()), ShapeParser.parse(read.getShape()));
      case MESSAGE ->
          isAnyMessage(written) || isAnyMessage(read) || written.getType().equals(read.getType())
              ? Optional.empty()
              : Optional.of("%s, read as %s".formatted(written.getType(), read.getType()));
      case NONE, BYTES, KIND_UNSPECIFIED, UNRECOGNIZED -> Optional.empty();
    };
  }

  /** A value in words: its type, and what it looks like. */
  public static String text(ValueDescription value) {
    return switch (value.getKind()) {
      case NONE -> "nothing";
      case BYTES -> "bytes";
      case MESSAGE -> isAnyMessage(value) ? "any message" : value.getType();
      case JSON -> json(value.getType(), value.getShape());
      case KIND_UNSPECIFIED, UNRECOGNIZED -> value.getType().isEmpty() ? "any" : value.getType();
    };
  }

  private static String json(String type, String shape) {
    if (shape.isEmpty() || shape.equals("any")) {
      return type;
    }
    return type.isEmpty() || PLAIN_TYPE.matcher(type).matches() ? shape : type + " " + shape;
  }

  private static boolean isKnown(ValueDescription value) {
    return value.getKind() != Kind.KIND_UNSPECIFIED && value.getKind() != Kind.UNRECOGNIZED;
  }

  private static boolean isAnyMessage(ValueDescription value) {
    return value.getType().isEmpty() || value.getType().equals(Any.getDescriptor().getFullName());
  }

  private static String kind(ValueDescription value) {
    return switch (value.getKind()) {
      case NONE -> "nothing";
      case JSON -> "JSON";
      case BYTES -> "bytes";
      case MESSAGE -> "a message";
      case KIND_UNSPECIFIED, UNRECOGNIZED -> "any";
    };
  }
}
