package io.clutch.protocol.internal.shape;

import static java.util.stream.Collectors.joining;

import com.google.common.collect.ImmutableSet;
import com.google.common.collect.ImmutableSortedMap;
import java.util.stream.Stream;

/**
 * What the JSON of a type looks like. Its text ({@code toString}) is what travels, and {@link
 * ShapeParser} reads it.
 */
public sealed interface Shape {

  /** A value without parts, or one of which nothing is known. */
  enum Leaf implements Shape {
    /** Text, such as that of a {@code String}, an enum or a time. */
    TEXT("text"),
    /** Bytes, as base64 text. */
    BYTES("bytes"),
    /** A number without fraction. */
    INTEGER("integer"),
    /** Any number. */
    NUMBER("number"),
    BOOLEAN("boolean"),
    /** Whatever JSON can say, or not known. */
    ANY("any"),
    /** Not said, because it would be too long, or for ever. */
    CUT("…");

    private final String text;

    Leaf(String text) {
      this.text = text;
    }

    @Override
    public String toString() {
      return text;
    }
  }

  /** A list. */
  record Items(Shape item) implements Shape {
    @Override
    public String toString() {
      return "[" + item + "]";
    }
  }

  /** An object with names that are values, too: a map. */
  record Entries(Shape value) implements Shape {
    @Override
    public String toString() {
      return "{*: " + value + "}";
    }
  }

  /**
   * An object with names that are known.
   *
   * @param properties their shapes by name
   * @param required the names of those without which it is not read
   * @param isOpen whether there may be others
   */
  record Properties(
      ImmutableSortedMap<String, Shape> properties, ImmutableSet<String> required, boolean isOpen)
      implements Shape {

    /** One of which no property is required. */
    Properties(ImmutableSortedMap<String, Shape> properties, boolean isOpen) {
      this(properties, ImmutableSet.of(), isOpen);
    }

    @Override
    public String toString() {
      Stream<String> known =
          properties.entrySet().stream()
              .map(property -> named(property.getKey()) + ": " + property.getValue());
      Stream<String> others = isOpen ? Stream.of(Leaf.CUT.text) : Stream.of();
      return Stream.concat(known, others).collect(joining(", ", "{", "}"));
    }

    private String named(String name) {
      return ShapeParser.quoted(name) + (required.contains(name) ? ShapeParser.REQUIRED : "");
    }
  }

  /** Whether everything fits it, as far as is known. */
  default boolean isUnknown() {
    return this == Leaf.ANY || this == Leaf.CUT;
  }
}
