package io.clutch.protocol.internal.shape;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.common.collect.ImmutableSortedMap;
import io.clutch.protocol.internal.shape.Shape.Leaf;
import io.clutch.protocol.internal.shape.Shape.Properties;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ShapeParserTest {

  @ParameterizedTest
  @ValueSource(
      strings = {
        "text",
        "bytes",
        "integer",
        "number",
        "boolean",
        "any",
        "…",
        "[text]",
        "[[integer]]",
        "{}",
        "{…}",
        "{*: [number]}",
        "{*: {*: …}}",
        "{a: text}",
        "{a: text, …}",
        "{a!: text, b: integer, \"c!\": any, \"d!\"!: [number], …}",
        "{a: {b: [{c: …}]}, d_1-x.y$@: {*: any}}",
        "{\"\": text, \"*\": text, \"a b\": text, \"q\\\"\\\\: ,}\": text}",
      })
  void whatIsWrittenIsRead(String text) {
    Shape shape = ShapeParser.parse(text);

    assertThat(shape).hasToString(text);
    assertThat(text.equals("any")).isEqualTo(shape == Leaf.ANY);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        " ",
        "decimal",
        "[",
        "[text",
        "[text]]",
        "text text",
        "{",
        "{a}",
        "{a!}",
        "{a!!: text}",
        "{a !: text}",
        "{!: text}",
        "{*!: text}",
        "{a?: text}",
        "{a:text}",
        "{a: text",
        "{a: text,}",
        "{a: text b: text}",
        "{\"a",
        "{\"a\\",
        "{*: text, a: text}",
        "{…",
      })
  void whatIsNotKnownIsAny(String text) {
    assertThat(ShapeParser.parse(text)).isSameAs(Leaf.ANY);
  }

  @Test
  void anUnknownWordIsAnyWhereItStands() {
    assertThat(ShapeParser.parse("{a: decimal, b: text}")).hasToString("{a: any, b: text}");
  }

  @Test
  void noTextOverflowsTheStack() {
    assertThat(ShapeParser.parse("[".repeat(1_000_000))).isSameAs(Leaf.ANY);
    assertThat(ShapeParser.parse("{a: ".repeat(1_000_000))).isSameAs(Leaf.ANY);
  }

  @Test
  void anyNameOfAPropertyIsReadAsItWas() {
    for (String name : new String[] {"", "*", "…", "\"", "\\", "a: b, c}", "ü", "\\\"", "any"}) {
      Shape shape = new Properties(ImmutableSortedMap.of(name, Leaf.TEXT), false);

      assertThat(ShapeParser.parse(shape.toString())).isEqualTo(shape);
    }
  }
}
