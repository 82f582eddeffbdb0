package io.clutch.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Any;
import com.google.protobuf.ByteString;
import com.google.rpc.ErrorInfo;
import com.google.rpc.RetryInfo;
import io.clutch.v1.ErrorReason;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.protobuf.StatusProto;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class ErrorStatusTest {

  private static ClutchException received(StatusRuntimeException sent) {
    return ErrorStatus.fromStatus(sent.getStatus(), sent.getTrailers(), Started.UNKNOWN);
  }

  static Stream<Arguments> failures() {
    return Arrays.stream(Reason.values())
        .flatMap(
            reason ->
                Arrays.stream(Started.values()).map(started -> Arguments.of(reason, started)));
  }

  @ParameterizedTest
  @MethodSource("failures")
  void aFailureArrivesAsItWasSent(Reason reason, Started started) {
    ClutchException sent =
        ClutchException.builder(reason, started, "what happened")
            .retryDelay(Duration.ofMillis(1500))
            .detail(ClutchException.FUNCTION, "f")
            .build();

    ClutchException received = received(ErrorStatus.toStatus(sent));

    assertThat(received.reason()).isEqualTo(reason);
    assertThat(received.started()).isEqualTo(started);
    assertThat(received).hasMessage("what happened");
    assertThat(received.retryDelay()).hasValue(Duration.ofMillis(1500));
    assertThat(received.details()).containsExactly(java.util.Map.entry("function", "f"));
  }

  @Test
  void theReasonsAreThoseOfTheProtocol() {
    assertThat(Arrays.stream(Reason.values()).map(Reason::name))
        .containsExactlyInAnyOrderElementsOf(
            Arrays.stream(ErrorReason.values())
                .filter(
                    reason ->
                        reason != ErrorReason.UNRECOGNIZED
                            && reason != ErrorReason.ERROR_REASON_UNSPECIFIED)
                .map(ErrorReason::name)
                .toList());
  }

  @ParameterizedTest
  @CsvSource({
    "UNAVAILABLE, UNAVAILABLE",
    "DEADLINE_EXCEEDED, DEADLINE_EXCEEDED",
    "CANCELLED, CANCELLED",
    "INVALID_ARGUMENT, BAD_ARGUMENTS",
    "INTERNAL, INTERNAL",
    "UNKNOWN, INTERNAL",
    "NOT_FOUND, INTERNAL",
    "RESOURCE_EXHAUSTED, INTERNAL"
  })
  void aStatusOfSomeoneElseIsReadByItsCode(Status.Code code, Reason reason) {
    ClutchException read = ErrorStatus.fromStatus(code.toStatus(), null, Started.UNKNOWN);
    assertThat(read.reason()).isEqualTo(reason);
    assertThat(read.started()).isEqualTo(Started.UNKNOWN);
  }

  @Test
  void aConnectionThatBreaksWhileItIsWrittenToIsUnavailable() {
    Status status = Status.UNKNOWN.withCause(new java.io.IOException("Broken pipe"));
    ClutchException read = ErrorStatus.fromStatus(status, null, Started.UNKNOWN);
    assertThat(read.reason()).isEqualTo(Reason.UNAVAILABLE);
    assertThat(read.started()).isEqualTo(Started.UNKNOWN);
  }

  @Test
  void gRpcsOwnSizeLimitIsRecognised() {
    Status status =
        Status.RESOURCE_EXHAUSTED.withDescription("gRPC message exceeds maximum size 10: 11");
    assertThat(ErrorStatus.fromStatus(status, null, Started.NO).reason())
        .isEqualTo(Reason.MESSAGE_TOO_LARGE);
  }

  @ParameterizedTest
  @CsvSource({"UNAUTHENTICATED", "PERMISSION_DENIED"})
  void whoeverLetsACallerInOrNotDoesSoBeforeTheStart(String name) {
    Status.Code code = Status.Code.valueOf(name);
    ClutchException read = ErrorStatus.fromStatus(code.toStatus(), null, Started.UNKNOWN);
    assertThat(read.reason()).isEqualTo(Reason.valueOf(name));
    assertThat(read.started()).isEqualTo(Started.NO);

    ClutchException sent = ClutchException.notStarted(Reason.valueOf(name), "no");
    assertThat(ErrorStatus.toStatus(sent).getStatus().getCode()).isEqualTo(code);
  }

  @Test
  void aServerThatIsNoWorkerStartedNothing() {
    ClutchException read = ErrorStatus.fromStatus(Status.UNIMPLEMENTED, null, Started.UNKNOWN);
    assertThat(read.reason()).isEqualTo(Reason.UNSUPPORTED);
    assertThat(read.started()).isEqualTo(Started.NO);
  }

  @ParameterizedTest
  @ValueSource(strings = {"clutch", "example.com"})
  void anUnknownReasonIsReadByTheCode(String domain) {
    ErrorInfo info = ErrorInfo.newBuilder().setDomain(domain).setReason("NEWER_THAN_THIS").build();
    ClutchException read =
        received(
            StatusProto.toStatusRuntimeException(
                com.google.rpc.Status.newBuilder()
                    .setCode(Status.Code.UNAVAILABLE.value())
                    .addDetails(Any.pack(info))
                    .build()));
    assertThat(read.reason()).isEqualTo(Reason.UNAVAILABLE);
    assertThat(read.started()).isEqualTo(Started.UNKNOWN);
  }

  @ParameterizedTest
  @EnumSource(names = {"NO", "UNKNOWN"})
  void garbageInTheDetailsIsPassedOver(Started started) {
    Metadata trailers = new Metadata();
    trailers.put(
        Metadata.Key.of("grpc-status-details-bin", Metadata.BINARY_BYTE_MARSHALLER),
        new byte[] {1, 2, 3, (byte) 0xff});
    ClutchException read = ErrorStatus.fromStatus(Status.UNAVAILABLE, trailers, started);
    assertThat(read.reason()).isEqualTo(Reason.UNAVAILABLE);
    assertThat(read.started()).isEqualTo(started);
  }

  @ParameterizedTest
  @CsvSource({
    "9223372036854775807,2147483647",
    "-9223372036854775808,-2147483648",
    "-1,0",
    "1,-2147483648"
  })
  void aPauseThatCannotBeIsNoFailureOfItsOwn(long seconds, int nanos) {
    RetryInfo retry =
        RetryInfo.newBuilder()
            .setRetryDelay(
                com.google.protobuf.Duration.newBuilder().setSeconds(seconds).setNanos(nanos))
            .build();
    ClutchException read =
        received(
            StatusProto.toStatusRuntimeException(
                com.google.rpc.Status.newBuilder()
                    .setCode(Status.Code.UNAVAILABLE.value())
                    .addDetails(Any.pack(retry))
                    .build()));
    assertThat(read.reason()).isEqualTo(Reason.UNAVAILABLE);
    assertThat(read.retryDelay().orElse(Duration.ZERO)).isBetween(Duration.ZERO, Durations.LONGEST);
  }

  @Test
  void detailsOfAnotherStatusArePassedOver() {
    Metadata trailers =
        ErrorStatus.toStatus(ClutchException.notStarted(Reason.QUEUE_FULL, "full")).getTrailers();
    ClutchException read = ErrorStatus.fromStatus(Status.UNAVAILABLE, trailers, Started.UNKNOWN);
    assertThat(read.reason()).isEqualTo(Reason.UNAVAILABLE);
    assertThat(read.started()).isEqualTo(Started.UNKNOWN);
  }

  @Test
  void detailsThatCannotBeReadArePassedOver() {
    Any broken = Any.pack(ErrorInfo.getDefaultInstance()).toBuilder().setValue(BROKEN).build();
    ClutchException read =
        received(
            StatusProto.toStatusRuntimeException(
                com.google.rpc.Status.newBuilder()
                    .setCode(Status.Code.CANCELLED.value())
                    .addDetails(broken)
                    .build()));
    assertThat(read.reason()).isEqualTo(Reason.CANCELLED);
    assertThat(read.started()).isEqualTo(Started.UNKNOWN);
  }

  private static final ByteString BROKEN = ByteString.copyFrom(new byte[] {10, 100, 1});

  static Stream<String> longTexts() {
    return Stream.of("x", "ü", "漢", "😀", "a😀", "\n", "%", "\"").map(s -> s.repeat(100_000));
  }

  @ParameterizedTest
  @MethodSource("longTexts")
  void theTrailersStayWithinWhatClientsAllow(String text) {
    ClutchException failure =
        ClutchException.builder(Reason.FUNCTION_NOT_FOUND, Started.NO, text)
            .retryDelay(Duration.ofMillis(50))
            .detail(ClutchException.FUNCTION, text)
            .detail("functions", text)
            .build();

    StatusRuntimeException sent = ErrorStatus.toStatus(failure);

    assertThat(trailerSize(sent)).isLessThan(8192);
    assertThat(received(sent).getMessage()).endsWith("…").hasSizeGreaterThan(100);
    assertThat(received(sent).reason()).isEqualTo(Reason.FUNCTION_NOT_FOUND);
  }

  /** As HTTP/2 counts header lists (RFC 9113, 6.5.2), with gRPC's percent and base64 encodings. */
  private static int trailerSize(StatusRuntimeException sent) {
    int encoded = 0;
    for (byte b :
        String.valueOf(sent.getStatus().getDescription()).getBytes(StandardCharsets.UTF_8)) {
      encoded += b < ' ' || b > '~' || b == '%' ? 3 : 1;
    }
    byte[] details =
        sent.getTrailers()
            .get(Metadata.Key.of("grpc-status-details-bin", Metadata.BINARY_BYTE_MARSHALLER));
    int base64 = (details.length + 2) / 3 * 4;
    return ("grpc-status".length() + 2 + 32)
        + ("grpc-message".length() + encoded + 32)
        + ("grpc-status-details-bin".length() + base64 + 32)
        + ("content-type".length() + "application/grpc".length() + 32)
        + (":status".length() + 3 + 32);
  }
}
