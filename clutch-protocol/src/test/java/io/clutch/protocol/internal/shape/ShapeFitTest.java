package io.clutch.protocol.internal.shape;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ShapeFitTest {

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        // written | read
        "text | text",
        "integer | integer",
        "integer | number",
        "number | number",
        "boolean | boolean",
        "bytes | bytes",
        "bytes | text",
        "text | bytes",
        "[integer] | bytes",
        "[any] | bytes",
        "any | integer",
        "{a: text} | any",
        "… | [text]",
        "[text] | …",
        "[integer] | [number]",
        "[any] | [text]",
        "{*: integer} | {*: number}",
        "{} | {}",
        "{} | {a: text}",
        "{a: text} | {}",
        "{a: text} | {a: text, b: integer}",
        "{a: text, b: integer} | {a: text}",
        "{a: {b: integer, c: text}} | {a: {b: number}}",
        "{a: …} | {a: {b: number}}",
        "{a: text, …} | {b: text}",
        "{a: text} | {b: text, …}",
        "{a: integer, b: integer} | {*: number}",
        "{*: any} | {a: text}",
        "{*: integer} | {a: text, b: integer}",
        "{*: integer} | {}",
        "{*: integer} | {a: text, …}",
      })
  void fits(String written, String read) {
    assertThat(ShapeFit.difference(ShapeParser.parse(written), ShapeParser.parse(read))).isEmpty();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        // written | read | why not
        "text | integer | text for integer",
        "integer | text | integer for text",
        "number | integer | number for integer",
        "integer | boolean | integer for boolean",
        "boolean | text | boolean for text",
        "number | bytes | number for bytes",
        "text | [text] | text for a list",
        "[text] | text | a list for text",
        "[number] | bytes | a list for bytes",
        "[text] | bytes | a list for bytes",
        "{} | [text] | an object for a list",
        "{a: text} | text | an object for text",
        "{*: text} | [text] | a map for a list",
        "[[text]] | [[number]] | [][]: text for number",
        "{*: text} | {*: number} | *: text for number",
        "{a: text} | {a: number} | a: text for number",
        "{a: {b: [text]}} | {a: {b: [boolean]}} | a.b[]: text for boolean",
        "{a: text} | {b: text} | no property in common",
        "{x: {a: text}} | {x: {b: text}} | x: no property in common",
        "{a: text, b: integer} | {*: number} | a: text for number",
        "{*: boolean} | {a: text, b: integer} | a map for an object",
        "{\"a b\": [integer]} | {\"a b\": [text]} | \"a b\"[]: integer for text",
      })
  void doesNotFit(String written, String read, String why) {
    assertThat(ShapeFit.difference(ShapeParser.parse(written), ShapeParser.parse(read)))
        .contains(why);
  }
}
