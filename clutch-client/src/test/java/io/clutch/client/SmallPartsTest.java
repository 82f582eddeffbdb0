package io.clutch.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.clutch.protocol.Started;
import io.grpc.Attributes;
import io.grpc.CallOptions;
import io.grpc.ClientStreamTracer;
import io.grpc.Metadata;
import io.grpc.Status;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Targets, headers, pauses, and what the end of an RPC says about the start of its function. */
class SmallPartsTest {

  @ParameterizedTest
  @ValueSource(strings = {"dns:///jobs:9501", "unix:/run/jobs", "xds:///jobs", "dns:jobs"})
  void aGrpcTargetIsPassedOn(String target) {
    assertThat(Target.parse(List.of(target))).isEqualTo(new Target(target, target));
  }

  @Test
  void serversMakeOneList() {
    assertThat(Target.parse(List.of("a:1, [::1]:2", "c:3")).text()).isEqualTo("a:1,[::1]:2,c:3");
    assertThat(Target.parse(List.of("dns:1")).text()).isEqualTo("dns:1");
  }

  @ParameterizedTest
  @ValueSource(strings = {"dns:///a:1,b:2", "a:1,dns:///b", "a", "", ",", "a:1 b:2"})
  void whatIsNeitherIsRefused(String servers) {
    assertThatIllegalArgumentException().isThrownBy(() -> Target.parse(List.of(servers)));
  }

  @ParameterizedTest
  @ValueSource(strings = {"grpc-timeout", "data-bin", "TE", "Content-Type", "a b", "", ":path"})
  void headersThatAreNotFreeAreRefused(String name) {
    Request<Void> request = Request.of("f", null);
    assertThatIllegalArgumentException().isThrownBy(() -> request.withHeader(name, "v"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"ü", "a\nb", "\t"})
  void valuesOfHeadersArePrintableAscii(String value) {
    Request<Void> request = Request.of("f", null);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> request.withHeader("name", value))
        .withMessageContaining("'name'");
  }

  @Test
  void aRequestIsNotChangedByItsCopies() {
    Request<Void> request = Request.of("f", 1);
    Request<Void> changed =
        request.withTimeout(Duration.ofSeconds(1)).withHeader("a", "b").withCallId("c");
    assertThat(request.timeout()).isEmpty();
    assertThat(request.headers()).isEmpty();
    assertThat(request.callId()).isEmpty();
    assertThat(changed.argument()).isEqualTo(1);
    assertThat(changed.timeout()).hasValue(Duration.ofSeconds(1));
    assertThatIllegalArgumentException().isThrownBy(() -> request.withTimeout(Duration.ZERO));
    assertThatIllegalArgumentException().isThrownBy(() -> Request.of("", null));
  }

  @ParameterizedTest
  @CsvSource({"1,10", "2,20", "5,160", "8,1000", "1000000,1000"})
  void pausesGrowToABoundAndAreSpreadOut(int attempt, long boundMillis) {
    Random random = new Random(42);
    Duration bound = Duration.ofMillis(boundMillis);
    Duration longest = Duration.ZERO;
    Duration shortest = bound;
    for (int i = 0; i < 1000; i++) {
      Duration pause = Backoff.after(attempt, Duration.ZERO, random);
      assertThat(pause).isBetween(Duration.ZERO, bound);
      longest = pause.compareTo(longest) > 0 ? pause : longest;
      shortest = pause.compareTo(shortest) < 0 ? pause : shortest;
    }
    assertThat(longest).isGreaterThan(bound.multipliedBy(9).dividedBy(10));
    assertThat(shortest).isLessThan(bound.dividedBy(10));
    assertThat(Backoff.after(attempt, Duration.ofMinutes(1), random))
        .isGreaterThanOrEqualTo(Duration.ofMinutes(1));
  }

  private static SendEvidence evidence(boolean sent) {
    SendEvidence evidence = new SendEvidence();
    ClientStreamTracer tracer =
        evidence.newClientStreamTracer(
            ClientStreamTracer.StreamInfo.newBuilder().setCallOptions(CallOptions.DEFAULT).build(),
            new Metadata());
    if (sent) {
      tracer.streamCreated(Attributes.EMPTY, new Metadata());
    }
    return evidence;
  }

  @Test
  void whatWasNeverGivenToAConnectionWasNotStarted() {
    assertThat(new SendEvidence().started(Status.UNAVAILABLE)).isEqualTo(Started.NO);
    assertThat(evidence(false).started(Status.DEADLINE_EXCEEDED)).isEqualTo(Started.NO);
  }

  @ParameterizedTest
  @CsvSource({
    "RST_STREAM closed stream. HTTP/2 error code: REFUSED_STREAM, NO",
    "Abrupt GOAWAY closed sent stream HTTP/2 error code: NO_ERROR, NO",
    "Abrupt GOAWAY closed sent stream HTTP/2 error code: PROTOCOL_ERROR, UNKNOWN",
    "Connection closed after GOAWAY. HTTP/2 error code: NO_ERROR, UNKNOWN",
    "io exception, UNKNOWN"
  })
  void aConnectionThatEndsTellsWhatItCan(String description, Started started) {
    assertThat(evidence(true).started(Status.UNAVAILABLE.withDescription(description)))
        .isEqualTo(started);
  }
}
