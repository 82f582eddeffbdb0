package io.clutch.protocol.internal.shape;

import com.google.common.collect.Sets;
import io.clutch.protocol.internal.shape.Shape.Entries;
import io.clutch.protocol.internal.shape.Shape.Items;
import io.clutch.protocol.internal.shape.Shape.Leaf;
import io.clutch.protocol.internal.shape.Shape.Properties;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Whether one side reads what the other writes. As the types evolve apart, they keep fitting while
 * the properties that both know do: one that is not known is passed over, one that is missing is
 * null, if it may be.
 */
public final class ShapeFit {

  private ShapeFit() {}

  /** Where and how {@code written} does not fit {@code read}; empty where it fits. */
  public static Optional<String> difference(Shape written, Shape read) {
    return difference("", written, read);
  }

  private static Optional<String> difference(String path, Shape written, Shape read) {
    if (written.isUnknown() || read.isUnknown()) {
      return Optional.empty();
    }
    if (read instanceof Leaf leaf) {
      return fits(written, leaf) ? Optional.empty() : isNo(path, written, read);
    }
    if (written instanceof Items from && read instanceof Items to) {
      return difference(path + "[]", from.item(), to.item());
    }
    if (written instanceof Entries from && read instanceof Entries to) {
      return difference(step(path, "*"), from.value(), to.value());
    }
    if (written instanceof Entries from && read instanceof Properties to) {
      return someEntryFits(from, to) ? Optional.empty() : isNo(path, written, read);
    }
    if (written instanceof Properties from && read instanceof Entries to) {
      return firstDifference(path, from, name -> to.value());
    }
    if (written instanceof Properties from && read instanceof Properties to) {
      return haveNothingInCommon(from, to)
          ? Optional.of(place(path) + "no property in common")
          : firstMissing(path, from, to)
              .or(() -> firstDifference(path, from, to.properties()::get));
    }
    return isNo(path, written, read);
  }

  private static boolean fits(Shape written, Leaf read) {
    return written == read
        || (read == Leaf.NUMBER && written == Leaf.INTEGER)
        // Bytes are base64 text, which text may be.
        || (read == Leaf.BYTES && written == Leaf.TEXT)
        || (read == Leaf.TEXT && written == Leaf.BYTES)
        // Jackson reads them from a list of numbers, too.
        || (read == Leaf.BYTES
            && written instanceof Items list
            && difference(list.item(), Leaf.INTEGER).isEmpty());
  }

  /**
   * A map has the properties that are required, if it is for that object; it need not have all the
   * others, but has one at least.
   */
  private static boolean someEntryFits(Entries written, Properties read) {
    if (!read.required().isEmpty()) {
      return read.required().stream()
          .map(read.properties()::get)
          .allMatch(property -> difference(written.value(), property).isEmpty());
    }
    return read.isOpen()
        || read.properties().isEmpty()
        || read.properties().values().stream()
            .anyMatch(property -> difference(written.value(), property).isEmpty());
  }

  private static boolean haveNothingInCommon(Properties written, Properties read) {
    return !written.isOpen()
        && !read.isOpen()
        && !written.properties().isEmpty()
        && !read.properties().isEmpty()
        && Sets.intersection(written.properties().keySet(), read.properties().keySet()).isEmpty();
  }

  private static Optional<String> firstMissing(String path, Properties written, Properties read) {
    if (written.isOpen()) {
      return Optional.empty();
    }
    return read.required().stream()
        .filter(name -> !written.properties().containsKey(name))
        .findFirst()
        .map(name -> place(step(path, ShapeParser.quoted(name))) + "missing, but required");
  }

  private static Optional<String> firstDifference(String path, Properties written, Reader reader) {
    for (Map.Entry<String, Shape> property : written.properties().entrySet()) {
      Shape read = reader.of(property.getKey());
      if (read != null) {
        String at = step(path, ShapeParser.quoted(property.getKey()));
        Optional<String> difference = difference(at, property.getValue(), read);
        if (difference.isPresent()) {
          return difference;
        }
      }
    }
    return Optional.empty();
  }

  /** As what a property is read; null where it is passed over. */
  private interface Reader {
    @Nullable Shape of(String name);
  }

  private static String step(String path, String name) {
    return path.isEmpty() ? name : path + "." + name;
  }

  private static Optional<String> isNo(String path, Shape written, Shape read) {
    return Optional.of("%s%s, read as %s".formatted(place(path), inShort(written), inShort(read)));
  }

  private static String place(String path) {
    return path.isEmpty() ? "" : path + ": ";
  }

  private static String inShort(Shape shape) {
    if (shape instanceof Leaf leaf) {
      return leaf.toString();
    }
    return shape instanceof Items ? "a list" : shape instanceof Entries ? "a map" : "an object";
  }
}
