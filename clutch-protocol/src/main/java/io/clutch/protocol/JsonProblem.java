package io.clutch.protocol;

import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.exc.InputCoercionException;
import com.fasterxml.jackson.core.exc.StreamConstraintsException;
import com.fasterxml.jackson.core.exc.StreamReadException;
import com.fasterxml.jackson.databind.JsonMappingException;
import com.fasterxml.jackson.databind.exc.MismatchedInputException;
import com.fasterxml.jackson.databind.exc.ValueInstantiationException;
import java.lang.reflect.Type;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * What is wrong with a JSON text and where, without the values in it. Jackson's own messages, and
 * those of what it caught, quote them; so neither is passed on. What the constructor of a user's
 * type says is its author's choice, and is.
 */
final class JsonProblem {

  private static final String OUT_OF_RANGE = "a number is out of range";

  /** How many steps of the way to a place in the text are named. */
  private static final int MAX_STEPS = 20;

  private JsonProblem() {}

  /** Why a JSON text is no {@code type}. */
  static ConversionException of(JsonProcessingException thrown, Type type) {
    JsonProcessingException problem = innermost(thrown);
    if (problem instanceof StreamConstraintsException) {
      return new ConversionException(problem.getOriginalMessage());
    }
    if (problem instanceof StreamReadException malformed
        && !(problem instanceof InputCoercionException)) {
      return new ConversionException("malformed JSON" + location(malformed));
    }
    return new ConversionException(
        "the JSON value does not fit %s: %s%s"
            .formatted(type.getTypeName(), text(problem), place(thrown)),
        usersCause(problem));
  }

  /** A JSON text holds a number that not even {@code BigDecimal} does. */
  static ConversionException outOfRange(Type type) {
    return new ConversionException(
        "the JSON value does not fit %s: %s".formatted(type.getTypeName(), OUT_OF_RANGE));
  }

  /** Jackson wraps its own exceptions to say where they were thrown. */
  private static JsonProcessingException innermost(JsonProcessingException thrown) {
    JsonProcessingException problem = thrown;
    while (problem.getClass() == JsonMappingException.class
        && problem.getCause() instanceof JsonProcessingException inner) {
      problem = inner;
    }
    return problem;
  }

  private static String text(JsonProcessingException problem) {
    if (problem instanceof InputCoercionException
        || problem.getCause() instanceof NumberFormatException) {
      return OUT_OF_RANGE;
    }
    if (problem instanceof MismatchedInputException mismatch) {
      return text(mismatch);
    }
    return problem.getOriginalMessage();
  }

  private static String text(MismatchedInputException mismatch) {
    // Jackson has no types of exceptions for these two.
    String message = mismatch.getOriginalMessage();
    if (message.startsWith("No content")) {
      return "it is empty";
    }
    if (message.startsWith("Trailing token")) {
      return "more follows the value";
    }
    Class<?> wanted = mismatch.getTargetType();
    return wanted == null ? "want another value" : "want " + wanted.getSimpleName();
  }

  private static @Nullable Throwable usersCause(JsonProcessingException problem) {
    boolean inUsersWords =
        problem instanceof ValueInstantiationException
            || problem.getClass() == JsonMappingException.class;
    Throwable cause = problem.getCause();
    return inUsersWords && !(cause instanceof NumberFormatException) ? cause : null;
  }

  private static String location(StreamReadException malformed) {
    JsonLocation at = malformed.getLocation();
    return at == null ? "" : " at line %d, column %d".formatted(at.getLineNr(), at.getColumnNr());
  }

  /** The way from the outermost value, without the keys of maps, which are values too. */
  private static String place(JsonProcessingException thrown) {
    if (!(thrown instanceof JsonMappingException mapping) || mapping.getPath().isEmpty()) {
      return "";
    }
    List<JsonMappingException.Reference> path = mapping.getPath();
    return path.stream()
        .limit(MAX_STEPS)
        .map(
            step ->
                step.getFrom() instanceof Map<?, ?> map
                    ? map.getClass().getName() + "[*]"
                    : step.getDescription())
        .collect(Collectors.joining("->", " at ", path.size() > MAX_STEPS ? "->…" : ""));
  }
}
