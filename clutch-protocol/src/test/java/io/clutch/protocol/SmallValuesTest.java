package io.clutch.protocol;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Durations, addresses, the version, and which failures may be repeated. */
class SmallValuesTest {

  @ParameterizedTest
  @CsvSource({"200ms,200", "10s,10000", "1.5s,1500", "2m,120000", "1h,3600000", "3,3000", "0,0"})
  void durationsAreRead(String text, long millis) {
    assertThat(Durations.parse(text)).isEqualTo(Duration.ofMillis(millis));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "s", "-1s", "10 s", "1d", "1e3", "99999999999999999h", "1.2.3s"})
  void whatIsNoDurationIsRefusedWithWhatIsLegal(String text) {
    assertThatThrownBy(() -> Durations.parse(text))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("'" + text + "'")
        .hasMessageContaining("200ms");
  }

  @Test
  void durationsTravelAsProtobuf() {
    Duration duration = Duration.ofSeconds(3, 4);
    assertThat(Durations.fromProto(Durations.toProto(duration))).isEqualTo(duration);
  }

  @ParameterizedTest
  @CsvSource({"PT-1.5S,-1,-500000000", "PT-2S,-2,0", "PT-0.000000001S,0,-1", "PT1.5S,1,500000000"})
  void bothPartsOfADurationInProtobufHaveOneSign(Duration duration, long seconds, int nanos) {
    com.google.protobuf.Duration proto = Durations.toProto(duration);
    assertThat(proto.getSeconds()).isEqualTo(seconds);
    assertThat(proto.getNanos()).isEqualTo(nanos);
    assertThat(Durations.fromProto(proto)).isEqualTo(duration);
  }

  @ParameterizedTest
  @CsvSource({
    "127.0.0.1:9501,127.0.0.1,9501",
    "localhost:0,localhost,0",
    "[::1]:65535,::1,65535",
    "' host:1 ',host,1"
  })
  void addressesAreRead(String text, String host, int port) {
    assertThat(ServerAddress.parse(text)).isEqualTo(new ServerAddress(host, port));
    assertThat(ServerAddress.parse(ServerAddress.parse(text).toString()))
        .isEqualTo(new ServerAddress(host, port));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "host",
        "host:",
        ":5",
        "host:70000",
        "host:-1",
        "::1:80",
        "h:p",
        "a:1:2",
        "[::1]",
        "[::1:80",
        "h: 1",
        "h :1",
        "h h:1",
        "h:+1",
        "h:٣"
      })
  void whatIsNoAddressIsRefusedWithWhatIsLegal(String text) {
    assertThatThrownBy(() -> ServerAddress.parse(text))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("'" + text + "'")
        .hasMessageContaining("host:port");
  }

  @Test
  void theVersionIsFilledIn() {
    assertThat(ClutchVersion.get()).matches("\\d+\\..*");
  }

  @ParameterizedTest
  @EnumSource(Reason.class)
  void onlyPassingRefusalsAreRepeatable(Reason reason) {
    boolean passing =
        reason == Reason.QUEUE_FULL
            || reason == Reason.DRAINING
            || reason == Reason.UNAVAILABLE
            || reason == Reason.STORE_UNAVAILABLE;
    assertThat(ClutchException.notStarted(reason, "").isRepeatable()).isEqualTo(passing);
    assertThat(ClutchException.builder(reason, Started.UNKNOWN, "").build().isRepeatable())
        .isFalse();
    assertThat(ClutchException.builder(reason, Started.YES, "").build().isRepeatable()).isFalse();
  }
}
