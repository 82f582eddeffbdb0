package io.clutch.worker.internal.sockets;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ConnectionLimitsTest {

  private static final Duration SECOND = Duration.ofSeconds(1);

  @Test
  void theSmallestAndTheLargestAreTaken() {
    ConnectionLimits least = new ConnectionLimits(1, 1, 1024, Duration.ofMillis(1), SECOND);
    assertThat(least.maxConnections()).isEqualTo(1);

    int most = Integer.MAX_VALUE;
    Duration longest = Duration.ofDays(36_500);
    assertThat(new ConnectionLimits(most, most, most, longest, longest).maxConnectionIdle())
        .isEqualTo(longest);
    assertThat(new ConnectionLimits(1, 1, 1024, SECOND, Duration.ZERO).maxConnectionIdle())
        .isZero();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "0 | 1 | 1024 | PT1S | PT1S | maxConnections is 0: want 1 or more",
        "-1 | 1 | 1024 | PT1S | PT1S | maxConnections is -1: want 1 or more",
        "1 | 0 | 1024 | PT1S | PT1S | maxCallsPerConnection is 0: want 1 or more",
        "1 | 1 | 1023 | PT1S | PT1S | maxHeaderSize is 1023: want 1024 or more",
        "1 | 1 | 1024 | PT0S | PT1S | connectionTimeout is PT0S: want 1 ms to 100 years",
        "1 | 1 | 1024 | PT-1S | PT1S | connectionTimeout is PT-1S: want 1 ms to 100 years",
        "1 | 1 | 1024 | PT0.0009S | PT1S | connectionTimeout is PT0.0009S: want 1 ms to 100 years",
        "1 | 1 | 1024 | P40000D | PT1S | connectionTimeout is PT960000H: want 1 ms to 100 years",
        "1 | 1 | 1024 | PT1S | PT0.999S |"
            + " maxConnectionIdle is PT0.999S: want 0 (no limit), or 1 s to 100 years",
        "1 | 1 | 1024 | PT1S | PT-1S |"
            + " maxConnectionIdle is PT-1S: want 0 (no limit), or 1 s to 100 years",
        "1 | 1 | 1024 | PT1S | P40000D |"
            + " maxConnectionIdle is PT960000H: want 0 (no limit), or 1 s to 100 years"
      })
  void whatIsOutOfRangeIsNamedWithItsValue(
      int connections, int calls, int headers, Duration timeout, Duration idle, String message) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new ConnectionLimits(connections, calls, headers, timeout, idle))
        .withMessage(message);
  }
}
