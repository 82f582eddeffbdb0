package io.clutch.cli;

import io.clutch.protocol.ClutchException;
import io.clutch.protocol.JsonPayloadConverter;
import io.clutch.protocol.PayloadCodec;
import io.clutch.protocol.Started;
import io.clutch.v1.Payload;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Payloads and failures as they stand on standard output and standard error. */
final class Text {

  private static final PayloadCodec CODEC = PayloadCodec.standard();

  private Text() {}

  /** A JSON text as a payload, just as it is. */
  static Payload json(String text) {
    Payload payload = Payload.newBuilder().setJson(text).build();
    // Throws ConversionException where it is no JSON.
    Object unused = JsonPayloadConverter.standard().decode(payload, Object.class);
    return payload;
  }

  /** An argument as it was given: JSON, or text. */
  static Payload payload(String given, boolean isText) {
    return isText ? CODEC.encode(given) : json(given);
  }

  /** One line of JSON; bytes as base64, a protobuf message as its type and its bytes. */
  static String json(Payload payload) {
    return switch (payload.getContentCase()) {
      case CONTENT_NOT_SET -> "null";
      case JSON -> oneLine(payload);
      case DATA -> quoted(Base64.getEncoder().encodeToString(payload.getData().toByteArray()));
      case MESSAGE -> {
        Map<String, String> message = new LinkedHashMap<>();
        message.put("@type", payload.getMessage().getTypeUrl());
        message.put(
            "value",
            Base64.getEncoder().encodeToString(payload.getMessage().getValue().toByteArray()));
        yield CODEC.encode(message).getJson();
      }
    };
  }

  /** A text bare, everything else as JSON. */
  static String bare(Payload payload) {
    boolean isText = payload.hasJson() && payload.getJson().stripLeading().startsWith("\"");
    return isText ? String.valueOf(CODEC.decode(payload, String.class)) : json(payload);
  }

  /** A failure for people. */
  static String of(ClutchException failure) {
    String started =
        switch (failure.started()) {
          case NO -> "the function was not started";
          case YES -> "the function was started";
          case UNKNOWN -> "the function may have been started";
        };
    return "%s%n(%s)".formatted(withoutStart(failure), started);
  }

  /** A failure of a durable call for people: what counts is whether there is a job now. */
  static String ofDurable(ClutchException failure) {
    return "%s%n(the call %s accepted)"
        .formatted(
            withoutStart(failure), failure.started() == Started.NO ? "was not" : "may have been");
  }

  /** A failure for people who asked for no function to be started. */
  static String withoutStart(ClutchException failure) {
    return "clutch: %s: %s".formatted(failure.reason(), failure.getMessage());
  }

  /** A failure for programs. */
  static String json(ClutchException failure) {
    Map<String, @Nullable Object> error = new LinkedHashMap<>();
    error.put("reason", failure.reason());
    error.put("message", failure.getMessage());
    error.put(
        "started",
        switch (failure.started()) {
          case NO -> false;
          case YES -> true;
          case UNKNOWN -> null;
        });
    return CODEC.encode(Map.of("error", error)).getJson();
  }

  private static String oneLine(Payload payload) {
    String json = payload.getJson();
    // White space between tokens; within a text, JSON has these escaped.
    return json.indexOf('\n') < 0 && json.indexOf('\r') < 0
        ? json
        : json.replace('\n', ' ').replace('\r', ' ').strip();
  }

  private static String quoted(String text) {
    return CODEC.encode(text).getJson();
  }
}
