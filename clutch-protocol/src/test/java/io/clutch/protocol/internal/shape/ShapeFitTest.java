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
        "{a: integer} | {a!: integer}",
        "{a: integer} | {a!: integer, b: text}",
        "{a: text, …} | {b!: integer}",
        "{x: {a: text, …}} | {x: {a: text, b!: integer}}",
        "{x: text} | {x: text, y: {b!: integer}}",
        "{a!: text} | {b: text, …}",
        "{*: any} | {a!: text}",
        "{*: integer} | {a!: number, b: text}",
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
        "text | integer | text, read as integer",
        "integer | text | integer, read as text",
        "number | integer | number, read as integer",
        "integer | boolean | integer, read as boolean",
        "boolean | text | boolean, read as text",
        "number | bytes | number, read as bytes",
        "text | [text] | text, read as a list",
        "[text] | text | a list, read as text",
        "[number] | bytes | a list, read as bytes",
        "[text] | bytes | a list, read as bytes",
        "{} | [text] | an object, read as a list",
        "{a: text} | text | an object, read as text",
        "{*: text} | [text] | a map, read as a list",
        "[[text]] | [[number]] | [][]: text, read as number",
        "{*: text} | {*: number} | *: text, read as number",
        "{a: text} | {a: number} | a: text, read as number",
        "{a: {b: [text]}} | {a: {b: [boolean]}} | a.b[]: text, read as boolean",
        "{a: text} | {b: text} | no property in common",
        "{x: {a: text}} | {x: {b: text}} | x: no property in common",
        "{} | {a!: integer} | a: missing, but required",
        "{} | {\"a b\"!: integer} | \"a b\": missing, but required",
        "{a: text} | {a: text, b!: integer} | b: missing, but required",
        "{a: text} | {a: text, b!: …, …} | b: missing, but required",
        "{x: [{a: text}]} | {x: [{a: text, b!: any}]} | x[].b: missing, but required",
        "{*: text} | {a!: integer, b: text} | a map, read as an object",
        "{a: text, b: integer} | {*: number} | a: text, read as number",
        "{*: boolean} | {a: text, b: integer} | a map, read as an object",
        "{\"a b\": [integer]} | {\"a b\": [text]} | \"a b\"[]: integer, read as text",
      })
  void doesNotFit(String written, String read, String why) {
    assertThat(ShapeFit.difference(ShapeParser.parse(written), ShapeParser.parse(read)))
        .contains(why);
  }
}
