package io.clutch.protocol;

import static java.util.Objects.requireNonNull;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Properties;

/** The version of Clutch on the class path. */
public final class ClutchVersion {

  private static final String VERSION = read();

  private ClutchVersion() {}

  /** The version, such as {@code 1.2.0}. */
  public static String get() {
    return VERSION;
  }

  private static String read() {
    Properties properties = new Properties();
    try (InputStream in =
        requireNonNull(
            ClutchVersion.class.getResourceAsStream("version.properties"), "version.properties")) {
      properties.load(in);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return properties.getProperty("version", "unknown");
  }
}
