package io.clutch.protocol;

import static com.google.common.base.Strings.isNullOrEmpty;
import static com.google.common.base.Strings.nullToEmpty;

import com.google.common.base.Enums;
import com.google.common.base.Throwables;
import com.google.common.collect.Comparators;
import com.google.common.collect.ImmutableMap;
import com.google.protobuf.Any;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import com.google.rpc.ErrorInfo;
import com.google.rpc.RetryInfo;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.protobuf.StatusProto;
import java.io.IOException;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The one place where failures become gRPC statuses and statuses become failures.
 *
 * <p>A failure travels as a status with {@code google.rpc.ErrorInfo} (domain {@value #DOMAIN}) and,
 * where the worker asks for a pause before a repetition, {@code google.rpc.RetryInfo}. Source: <a
 * href="https://google.aip.dev/193">AIP-193</a>.
 */
public final class ErrorStatus {

  /** The domain of the reasons. */
  public static final String DOMAIN = "clutch";

  /** The key in ErrorInfo's metadata that says whether the function was started. */
  public static final String STARTED = "started";

  /**
   * How much of a message and of each detail is sent, in characters of percent-encoding. Statuses
   * travel in HTTP/2 trailers, for which common clients allow 8 KiB in all, and the message stands
   * there twice: percent-encoded, and with the details in base64.
   */
  private static final int MAX_MESSAGE = 2_000;

  private static final int MAX_DETAIL = 600;

  private ErrorStatus() {}

  /** The status to send for {@code failure}. */
  public static StatusRuntimeException toStatus(ClutchException failure) {
    return StatusProto.toStatusRuntimeException(toMessage(failure));
  }

  /** {@link #toStatus} as a message. */
  public static com.google.rpc.Status toMessage(ClutchException failure) {
    ErrorInfo.Builder info =
        ErrorInfo.newBuilder().setDomain(DOMAIN).setReason(failure.reason().name());
    failure.details().forEach((key, value) -> info.putMetadata(key, shortened(value, MAX_DETAIL)));
    if (failure.started() != Started.UNKNOWN) {
      info.putMetadata(STARTED, String.valueOf(failure.started() == Started.YES));
    }
    com.google.rpc.Status.Builder status =
        com.google.rpc.Status.newBuilder()
            .setCode(code(failure.reason()).value())
            .setMessage(shortened(nullToEmpty(failure.getMessage()), MAX_MESSAGE))
            .addDetails(Any.pack(info.build()));
    failure
        .retryDelay()
        .ifPresent(
            delay ->
                status.addDetails(
                    Any.pack(
                        RetryInfo.newBuilder().setRetryDelay(Durations.toProto(delay)).build())));
    return status.build();
  }

  /** The failure that a received message of {@link #toMessage} tells of. */
  public static ClutchException fromMessage(com.google.rpc.Status message) {
    Status status = Status.fromCodeValue(message.getCode()).withDescription(message.getMessage());
    return fromStatus(status, message, Started.UNKNOWN);
  }

  /**
   * The failure that a received status tells of.
   *
   * @param started what is known of the start where the status does not say
   */
  public static ClutchException fromStatus(
      Status status, @Nullable Metadata trailers, Started started) {
    return fromStatus(status, details(status, trailers), started);
  }

  private static ClutchException fromStatus(
      Status status, com.google.rpc.@Nullable Status details, Started started) {
    Optional<ErrorInfo> info =
        find(details, ErrorInfo.class).filter(found -> found.getDomain().equals(DOMAIN));
    ClutchException.Builder failure =
        info.map(found -> described(found, status)).orElseGet(() -> undescribed(status, started));
    find(details, RetryInfo.class)
        .map(retry -> Durations.fromProto(retry.getRetryDelay()))
        .filter(delay -> !delay.isNegative())
        .map(delay -> Comparators.min(delay, Durations.LONGEST))
        .ifPresent(failure::retryDelay);
    if (status.getCause() != null) {
      failure.cause(status.getCause());
    }
    return failure.build();
  }

  /** Whether gRPC itself refused a message for its size, on either side. */
  public static boolean isTooLarge(Status status) {
    return status.getCode() == Status.Code.RESOURCE_EXHAUSTED
        && nullToEmpty(status.getDescription()).contains("exceeds maximum size");
  }

  private static ClutchException.Builder described(ErrorInfo info, Status status) {
    Reason reason = Enums.getIfPresent(Reason.class, info.getReason()).or(() -> reason(status));
    Started started =
        switch (info.getMetadataOrDefault(STARTED, "")) {
          case "true" -> Started.YES;
          case "false" -> Started.NO;
          default -> Started.UNKNOWN;
        };
    ImmutableMap.Builder<String, String> details = ImmutableMap.builder();
    info.getMetadataMap()
        .forEach(
            (key, value) -> {
              if (!key.equals(STARTED)) {
                details.put(key, value);
              }
            });
    return ClutchException.builder(reason, started, text(status)).details(details.buildOrThrow());
  }

  private static ClutchException.Builder undescribed(Status status, Started started) {
    Reason reason = reason(status);
    return ClutchException.builder(
        reason, isBeforeTheStart(reason) ? Started.NO : started, text(status));
  }

  private static boolean isBeforeTheStart(Reason reason) {
    return switch (reason) {
      case UNSUPPORTED, UNAUTHENTICATED, PERMISSION_DENIED -> true;
      default -> false;
    };
  }

  /**
   * The reason where the status does not say one: it comes from gRPC, a proxy or another server.
   */
  private static Reason reason(Status status) {
    return switch (status.getCode()) {
      case UNAVAILABLE -> Reason.UNAVAILABLE;
      // A connection that breaks while gRPC writes to it. Causes do not travel: it is on this side.
      case UNKNOWN ->
          status.getCause() instanceof IOException ? Reason.UNAVAILABLE : Reason.INTERNAL;
      case DEADLINE_EXCEEDED -> Reason.DEADLINE_EXCEEDED;
      case CANCELLED -> Reason.CANCELLED;
      case UNIMPLEMENTED -> Reason.UNSUPPORTED;
      case INVALID_ARGUMENT -> Reason.BAD_ARGUMENTS;
      case UNAUTHENTICATED -> Reason.UNAUTHENTICATED;
      case PERMISSION_DENIED -> Reason.PERMISSION_DENIED;
      case RESOURCE_EXHAUSTED -> isTooLarge(status) ? Reason.MESSAGE_TOO_LARGE : Reason.INTERNAL;
      default -> Reason.INTERNAL;
    };
  }

  /** The code of the status that a failure for {@code reason} travels as. */
  public static Status.Code code(Reason reason) {
    return switch (reason) {
      case FUNCTION_NOT_FOUND, JOB_NOT_FOUND -> Status.Code.NOT_FOUND;
      case FUNCTION_FAILED -> Status.Code.UNKNOWN;
      case BAD_ARGUMENTS -> Status.Code.INVALID_ARGUMENT;
      case MESSAGE_TOO_LARGE, QUEUE_FULL -> Status.Code.RESOURCE_EXHAUSTED;
      case DRAINING, UNAVAILABLE, STORE_UNAVAILABLE -> Status.Code.UNAVAILABLE;
      case DEADLINE_EXCEEDED, FUNCTION_TIMEOUT -> Status.Code.DEADLINE_EXCEEDED;
      case CANCELLED -> Status.Code.CANCELLED;
      case CASCADE_TOO_DEEP, NO_STORE, WRONG_JOB_STATE -> Status.Code.FAILED_PRECONDITION;
      case UNSUPPORTED -> Status.Code.UNIMPLEMENTED;
      case UNAUTHENTICATED -> Status.Code.UNAUTHENTICATED;
      case PERMISSION_DENIED -> Status.Code.PERMISSION_DENIED;
      case BAD_RESULT, INTERNAL -> Status.Code.INTERNAL;
    };
  }

  private static String text(Status status) {
    String text =
        isNullOrEmpty(status.getDescription()) ? status.getCode().name() : status.getDescription();
    Throwable cause = status.getCause();
    return cause == null ? text : text + ": " + Throwables.getRootCause(cause).getMessage();
  }

  private static String shortened(String text, int maxEncoded) {
    int encoded = 0;
    for (int i = 0; i < text.length(); i = text.offsetByCodePoints(i, 1)) {
      int codePoint = text.codePointAt(i);
      boolean plain = codePoint >= ' ' && codePoint <= '~' && codePoint != '%';
      encoded += plain ? 1 : 3 * utf8Length(codePoint);
      if (encoded > maxEncoded) {
        return text.substring(0, i) + "…";
      }
    }
    return text;
  }

  private static int utf8Length(int codePoint) {
    if (codePoint < 0x80) {
      return 1;
    }
    return codePoint < 0x800 ? 2 : codePoint < 0x1_0000 ? 3 : 4;
  }

  /** The details of a status; null where it has none, or none that can be read. */
  private static com.google.rpc.@Nullable Status details(
      Status status, @Nullable Metadata trailers) {
    try {
      return StatusProto.fromStatusAndTrailers(status, trailers);
    } catch (IllegalArgumentException e) {
      return null;
    }
  }

  private static <M extends Message> Optional<M> find(
      com.google.rpc.@Nullable Status status, Class<M> type) {
    if (status != null) {
      for (Any detail : status.getDetailsList()) {
        if (detail.is(type)) {
          try {
            return Optional.of(detail.unpack(type));
          } catch (InvalidProtocolBufferException e) {
            // A detail that cannot be read tells nothing; the status itself still does.
            return Optional.empty();
          }
        }
      }
    }
    return Optional.empty();
  }
}
