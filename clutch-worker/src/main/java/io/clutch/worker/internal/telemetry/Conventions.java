package io.clutch.worker.internal.telemetry;

import com.google.common.collect.ImmutableList;
import io.clutch.protocol.ClutchException;
import io.clutch.protocol.ErrorStatus;
import io.opentelemetry.api.common.AttributeKey;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.StatusCode;

/**
 * The names under which things are told. Those that don't begin with {@code clutch.} are of
 * OpenTelemetry's <a href="https://opentelemetry.io/docs/specs/semconv/rpc/">conventions for
 * RPC</a>.
 */
final class Conventions {

  static final String SCOPE = "io.clutch.worker";
  static final String SYSTEM = "clutch";

  /** In place of a name that somebody made up. */
  static final String OTHER = "_OTHER";

  static final String OK = "OK";

  static final AttributeKey<String> RPC_SYSTEM = AttributeKey.stringKey("rpc.system.name");
  static final AttributeKey<String> RPC_METHOD = AttributeKey.stringKey("rpc.method");
  static final AttributeKey<String> RPC_METHOD_ORIGINAL =
      AttributeKey.stringKey("rpc.method_original");
  static final AttributeKey<String> RPC_STATUS = AttributeKey.stringKey("rpc.response.status_code");
  static final AttributeKey<String> ERROR_TYPE = AttributeKey.stringKey("error.type");
  static final AttributeKey<String> PEER_ADDRESS = AttributeKey.stringKey("network.peer.address");
  static final AttributeKey<Long> PEER_PORT = AttributeKey.longKey("network.peer.port");
  static final AttributeKey<String> SERVER_ADDRESS = AttributeKey.stringKey("server.address");
  static final AttributeKey<Long> SERVER_PORT = AttributeKey.longKey("server.port");
  static final AttributeKey<String> FUNCTION = AttributeKey.stringKey("clutch.function");
  static final AttributeKey<String> CALL_ID = AttributeKey.stringKey("clutch.call.id");
  static final AttributeKey<Boolean> BACKGROUND = AttributeKey.booleanKey("clutch.background");
  static final AttributeKey<Boolean> CASCADE = AttributeKey.booleanKey("clutch.cascade");
  static final AttributeKey<Boolean> RETURNED = AttributeKey.booleanKey("clutch.returned");
  static final AttributeKey<Boolean> HANDED_OVER = AttributeKey.booleanKey("clutch.handed_over");
  static final AttributeKey<Boolean> FROM_SIBLING = AttributeKey.booleanKey("clutch.from_sibling");
  static final AttributeKey<Long> SLOT = AttributeKey.longKey("clutch.slot");

  /** The bounds of the buckets of durations, in seconds, as the conventions advise. */
  static final ImmutableList<Double> DURATION_BUCKETS =
      ImmutableList.of(
          0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1.0, 2.5, 5.0, 7.5, 10.0);

  /** What others chose is not told in greater length. */
  private static final int LONGEST = 256;

  private Conventions() {}

  static String shortened(String text) {
    return text.length() <= LONGEST ? text : text.substring(0, LONGEST);
  }

  static String status(ClutchException failure) {
    return ErrorStatus.code(failure.reason()).name();
  }

  /** Says on a span that it failed, and why. A message may have further lines: where it was. */
  static void fail(Span span, ClutchException failure) {
    span.setAttribute(ERROR_TYPE, failure.reason().name());
    String message = String.valueOf(failure.getMessage());
    span.setStatus(StatusCode.ERROR, message.lines().findFirst().orElse(""));
  }
}
