package io.clutch.process;

import com.google.common.base.CaseFormat;
import com.google.common.primitives.Ints;
import io.clutch.protocol.Durations;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Options given from outside the program, which win over what the program says: the system property
 * {@code clutch.queueCapacity}, else the environment variable {@code CLUTCH_QUEUE_CAPACITY}, and
 * likewise for the others.
 */
public final class Overrides {

  private final Function<String, @Nullable String> properties;
  private final Function<String, @Nullable String> environment;

  /** Those that two sources tell. */
  public Overrides(
      Function<String, @Nullable String> properties,
      Function<String, @Nullable String> environment) {
    this.properties = properties;
    this.environment = environment;
  }

  /** Those of this process. */
  public static Overrides ofProcess() {
    return new Overrides(System::getProperty, System::getenv);
  }

  /** A whole number. */
  public int get(String option, int otherwise) {
    return find(option, Overrides::wholeNumber).orElse(otherwise);
  }

  /** A duration. */
  public Duration get(String option, Duration otherwise) {
    return find(option, Durations::parse).orElse(otherwise);
  }

  /** Reads a whole number. */
  public static int wholeNumber(String text) {
    Integer number = Ints.tryParse(text);
    if (number == null) {
      throw new IllegalArgumentException("want a whole number");
    }
    return number;
  }

  /**
   * The name of the environment variable for an option: CLUTCH_QUEUE_CAPACITY for queueCapacity.
   */
  public static String variable(String option) {
    return "CLUTCH_" + CaseFormat.LOWER_CAMEL.to(CaseFormat.UPPER_UNDERSCORE, option);
  }

  /**
   * What the option is from outside; empty where it is not given there.
   *
   * @throws IllegalArgumentException where the parser refuses it; the message names it and its
   *     value
   */
  public <T> Optional<T> find(String option, Function<String, T> parser) {
    String name = "clutch." + option;
    String text = properties.apply(name);
    if (text == null) {
      name = variable(option);
      text = environment.apply(name);
    }
    if (text == null || text.isBlank()) {
      return Optional.empty();
    }
    try {
      return Optional.of(parser.apply(text.strip()));
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException("%s is '%s': %s".formatted(name, text, e.getMessage()), e);
    }
  }
}
