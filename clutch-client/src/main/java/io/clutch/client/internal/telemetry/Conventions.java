package io.clutch.client.internal.telemetry;

import com.google.common.collect.ImmutableList;
import io.clutch.protocol.ClutchException;
import io.clutch.protocol.ErrorStatus;
import io.clutch.protocol.ServerAddress;
import io.opentelemetry.api.common.AttributeKey;
import io.opentelemetry.api.common.AttributesBuilder;

/**
 * The names under which things are told. Those that don't begin with {@code clutch.} are of
 * OpenTelemetry's <a href="https://opentelemetry.io/docs/specs/semconv/rpc/">conventions for
 * RPC</a>.
 */
final class Conventions {

  static final String SCOPE = "io.clutch.client";
  static final String SYSTEM = "clutch";

  /** In place of a name that no worker knows. */
  static final String OTHER = "_OTHER";

  static final String ATTEMPT_FAILED = "attempt failed";

  static final AttributeKey<String> RPC_SYSTEM = AttributeKey.stringKey("rpc.system.name");
  static final AttributeKey<String> RPC_METHOD = AttributeKey.stringKey("rpc.method");
  static final AttributeKey<String> RPC_STATUS = AttributeKey.stringKey("rpc.response.status_code");
  static final AttributeKey<String> ERROR_TYPE = AttributeKey.stringKey("error.type");
  static final AttributeKey<String> SERVER_ADDRESS = AttributeKey.stringKey("server.address");
  static final AttributeKey<Long> SERVER_PORT = AttributeKey.longKey("server.port");
  static final AttributeKey<String> FUNCTION = AttributeKey.stringKey("clutch.function");
  static final AttributeKey<String> CALL_ID = AttributeKey.stringKey("clutch.call.id");
  static final AttributeKey<Boolean> BACKGROUND = AttributeKey.booleanKey("clutch.background");
  static final AttributeKey<Long> ATTEMPTS = AttributeKey.longKey("clutch.attempts");
  static final AttributeKey<String> MESSAGE = AttributeKey.stringKey("clutch.message");

  /** The bounds of the buckets of durations, in seconds, as the conventions advise. */
  static final ImmutableList<Double> DURATION_BUCKETS =
      ImmutableList.of(
          0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1.0, 2.5, 5.0, 7.5, 10.0);

  private Conventions() {}

  static String status(ClutchException failure) {
    return ErrorStatus.code(failure.reason()).name();
  }

  /** As metrics name it: what no worker knows might be any text. */
  static String method(String function, boolean isUnknown) {
    return isUnknown ? OTHER : function;
  }

  /** The first line: a message may have others behind it, such as where the function was. */
  static String message(ClutchException failure) {
    return String.valueOf(failure.getMessage()).lines().findFirst().orElse("");
  }

  /** Where a server is: host:port, or the path of a socket. */
  static void putServer(AttributesBuilder attributes, String server) {
    try {
      ServerAddress address = ServerAddress.parse(server);
      attributes.put(SERVER_ADDRESS, address.host()).put(SERVER_PORT, (long) address.port());
    } catch (IllegalArgumentException e) {
      attributes.put(SERVER_ADDRESS, server);
    }
  }
}
