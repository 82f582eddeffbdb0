package io.clutch.security;

import com.google.common.base.Splitter;
import com.google.common.collect.ImmutableList;

/** A name in which {@code *} stands for any characters, or none. Immutable. */
final class NamePattern {

  private final String text;

  /** What stands before, between and behind the stars. */
  private final ImmutableList<String> parts;

  NamePattern(String text) {
    this.text = text;
    this.parts = ImmutableList.copyOf(Splitter.on('*').split(text));
  }

  /**
   * Takes each part where it is found first, which is as good as any other place. Callers choose
   * the names, so that there must be none over which it takes long, as there is with regular
   * expressions.
   */
  boolean matches(String name) {
    String first = parts.get(0);
    if (parts.size() == 1) {
      return name.equals(first);
    }
    String last = parts.get(parts.size() - 1);
    int end = name.length() - last.length();
    if (!name.startsWith(first) || !name.endsWith(last)) {
      return false;
    }
    int from = first.length();
    for (String part : parts.subList(1, parts.size() - 1)) {
      int found = name.indexOf(part, from);
      if (found < 0) {
        return false;
      }
      from = found + part.length();
    }
    return from <= end;
  }

  @Override
  public String toString() {
    return text;
  }
}
