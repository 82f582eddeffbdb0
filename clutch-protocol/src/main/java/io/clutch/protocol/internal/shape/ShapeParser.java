package io.clutch.protocol.internal.shape;

import com.google.common.base.CharMatcher;
import com.google.common.collect.ImmutableSet;
import com.google.common.collect.ImmutableSortedMap;
import io.clutch.protocol.internal.shape.Shape.Entries;
import io.clutch.protocol.internal.shape.Shape.Items;
import io.clutch.protocol.internal.shape.Shape.Leaf;
import io.clutch.protocol.internal.shape.Shape.Properties;
import java.util.Map;
import java.util.TreeMap;

/**
 * Reads the text of a shape. It comes from another process, maybe of a later version: a word that
 * is not known is {@code any}, and so is a text that is none.
 *
 * <pre>
 * shape = word | "[" shape "]" | "{*: " shape "}" | "{" [ property { ", " property } ] "}"
 * property = name [ "!" ] ": " shape | "…"
 * name = plain characters | '"' { character | '\"' | '\\' } '"'
 * </pre>
 */
public final class ShapeParser {

  /** Behind the name of a property that must be there. */
  static final String REQUIRED = "!";

  /** What a name may consist of without quotes. */
  private static final CharMatcher PLAIN =
      CharMatcher.inRange('a', 'z')
          .or(CharMatcher.inRange('A', 'Z'))
          .or(CharMatcher.inRange('0', '9'))
          .or(CharMatcher.anyOf("_-.$@"));

  /** Much more than we write, so that no text overflows the stack. */
  private static final int MAX_DEPTH = 50;

  private final String text;
  private int at;
  private int depth;

  private ShapeParser(String text) {
    this.text = text;
  }

  /** The shape that {@code text} says. */
  public static Shape parse(String text) {
    try {
      ShapeParser parser = new ShapeParser(text);
      Shape shape = parser.shape();
      return parser.at == text.length() ? shape : Leaf.ANY;
    } catch (MalformedShape e) {
      return Leaf.ANY;
    }
  }

  static String quoted(String name) {
    return !name.isEmpty() && PLAIN.matchesAllOf(name)
        ? name
        : '"' + name.replace("\\", "\\\\").replace("\"", "\\\"") + '"';
  }

  private Shape shape() throws MalformedShape {
    if (++depth > MAX_DEPTH) {
      throw new MalformedShape();
    }
    Shape shape = takes("[") ? items() : takes("{") ? object() : leaf();
    depth--;
    return shape;
  }

  private Shape items() throws MalformedShape {
    Shape item = shape();
    expect("]");
    return new Items(item);
  }

  private Shape object() throws MalformedShape {
    if (takes("*: ")) {
      Shape value = shape();
      expect("}");
      return new Entries(value);
    }
    Map<String, Shape> properties = new TreeMap<>();
    ImmutableSet.Builder<String> required = ImmutableSet.builder();
    boolean isOpen = false;
    while (!takes("}")) {
      if (takes(Leaf.CUT.toString())) {
        isOpen = true;
      } else {
        String name = name();
        if (takes(REQUIRED)) {
          required.add(name);
        }
        expect(": ");
        properties.put(name, shape());
      }
      if (!takes(", ") && !text.startsWith("}", at)) {
        throw new MalformedShape();
      }
    }
    return new Properties(ImmutableSortedMap.copyOf(properties), required.build(), isOpen);
  }

  private String name() throws MalformedShape {
    if (!takes("\"")) {
      return word();
    }
    StringBuilder name = new StringBuilder();
    while (!takes("\"")) {
      boolean unused = takes("\\");
      if (at == text.length()) {
        throw new MalformedShape();
      }
      name.append(text.charAt(at++));
    }
    return name.toString();
  }

  private Shape leaf() throws MalformedShape {
    if (takes(Leaf.CUT.toString())) {
      return Leaf.CUT;
    }
    String word = word();
    for (Leaf leaf : Leaf.values()) {
      if (leaf.toString().equals(word)) {
        return leaf;
      }
    }
    return Leaf.ANY;
  }

  private String word() throws MalformedShape {
    int start = at;
    while (at < text.length() && PLAIN.matches(text.charAt(at))) {
      at++;
    }
    if (at == start) {
      throw new MalformedShape();
    }
    return text.substring(start, at);
  }

  private boolean takes(String token) {
    boolean found = text.startsWith(token, at);
    if (found) {
      at += token.length();
    }
    return found;
  }

  private void expect(String token) throws MalformedShape {
    if (!takes(token)) {
      throw new MalformedShape();
    }
  }

  private static final class MalformedShape extends Exception {
    private static final long serialVersionUID = 1L;
  }
}
