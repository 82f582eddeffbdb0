package io.clutch.examples;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonProperty;
import org.jspecify.annotations.Nullable;

/**
 * What {@code count} appends.
 *
 * @param file the path of the file
 * @param line the line; null is the worker's process id
 */
record Line(String file, @Nullable String line) {

  /** Checks that there is a file. */
  Line {
    if (file == null) {
      throw new IllegalArgumentException("'file' is missing");
    }
  }

  /** From an object. */
  @JsonCreator(mode = JsonCreator.Mode.PROPERTIES)
  static Line of(@JsonProperty("file") String file, @JsonProperty("line") @Nullable String line) {
    return new Line(file, line);
  }

  /** From a path alone. */
  @JsonCreator(mode = JsonCreator.Mode.DELEGATING)
  static Line of(String file) {
    return new Line(file, null);
  }
}
