package io.clutch.benchmarks.program;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.common.base.Joiner;
import com.google.common.base.Splitter;
import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import java.util.List;

/**
 * Values by name, as one line: {@code name=value name=value …}. Neither has spaces; lists are
 * separated by commas.
 */
public record Fields(ImmutableMap<String, String> values) {

  private static final Splitter WORDS = Splitter.on(' ').omitEmptyStrings();
  private static final Splitter LIST = Splitter.on(',').omitEmptyStrings();

  /** None. */
  public static Fields none() {
    return new Fields(ImmutableMap.of());
  }

  /** Reads a line. */
  public static Fields parse(String line) {
    return new Fields(
        WORDS
            .splitToStream(line)
            .map(word -> Splitter.on('=').limit(2).splitToList(word))
            .peek(pair -> checkArgument(pair.size() == 2, "no name=value in '%s'", line))
            .collect(ImmutableMap.toImmutableMap(pair -> pair.get(0), pair -> pair.get(1))));
  }

  /** These and one more. */
  public Fields with(String name, Object value) {
    String text =
        value instanceof Iterable<?> several ? Joiner.on(',').join(several) : String.valueOf(value);
    checkArgument(text.indexOf(' ') < 0, "%s is '%s': want no space in it", name, text);
    return new Fields(
        ImmutableMap.<String, String>builder().putAll(values).put(name, text).buildOrThrow());
  }

  /** The value of that name. */
  public String text(String name) {
    String value = values.get(name);
    checkArgument(value != null, "there is no %s in '%s'", name, this);
    return value;
  }

  /** It as a list. */
  public ImmutableList<String> list(String name) {
    return ImmutableList.copyOf(LIST.splitToList(text(name)));
  }

  /** It as a list of numbers. */
  public List<Long> longs(String name) {
    return list(name).stream().map(Long::valueOf).toList();
  }

  /** It as a number. */
  public double number(String name) {
    return Double.parseDouble(text(name));
  }

  /** It as a whole number. */
  public int integer(String name) {
    return Integer.parseInt(text(name));
  }

  /** It as true or false. */
  public boolean flag(String name) {
    return Boolean.parseBoolean(text(name));
  }

  /** The line. */
  @Override
  public String toString() {
    return Joiner.on(' ').withKeyValueSeparator('=').join(values);
  }
}
