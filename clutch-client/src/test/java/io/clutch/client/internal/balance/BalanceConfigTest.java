package io.clutch.client.internal.balance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.clutch.protocol.Durations;
import java.time.Duration;
import java.util.Collections;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class BalanceConfigTest {

  private static final Duration TIMEOUT = Duration.ofSeconds(5);

  @Test
  void whereNothingIsSaidTheDefaultsHold() {
    assertThat(BalanceConfig.parse(Map.of()))
        .isEqualTo(BalanceConfig.DEFAULT)
        .isEqualTo(new BalanceConfig(BalanceConfig.AUTO, 64, TIMEOUT));
    assertThat(BalanceConfig.parse(Collections.singletonMap("connectTimeout", null)))
        .isEqualTo(BalanceConfig.DEFAULT);
  }

  @Test
  void jsonGivesEachOption() {
    assertThat(
            BalanceConfig.parse(
                Map.of(
                    "connectionsPerServer",
                    4.0,
                    "maxConnectionsPerServer",
                    8.0,
                    "connectTimeout",
                    "1.5s")))
        .isEqualTo(new BalanceConfig(4, 8, Duration.ofMillis(1500)));
    assertThat(BalanceConfig.parse(Map.of("connectionsPerServer", "auto")))
        .isEqualTo(BalanceConfig.DEFAULT);
  }

  @Test
  void whatIsWrittenIsReadAsTheSame() {
    BalanceConfig config = new BalanceConfig(7, 9, Duration.ofSeconds(3, 1));

    assertThat(BalanceConfig.parse(config.toJson())).isEqualTo(config);
    assertThat(BalanceConfig.parse(BalanceConfig.DEFAULT.toJson()))
        .isEqualTo(BalanceConfig.DEFAULT);
  }

  @Test
  void theLimitsAreLegal() {
    assertThat(new BalanceConfig(10_000, 10_000, Durations.LONGEST)).isNotNull();
    assertThat(new BalanceConfig(0, 1, Duration.ofNanos(1))).isNotNull();
  }

  @ParameterizedTest
  @ValueSource(ints = {-1, 10_001, Integer.MAX_VALUE})
  void aNumberOfConnectionsOutOfRangeIsRefused(int connections) {
    assertThatThrownBy(() -> new BalanceConfig(connections, 64, TIMEOUT))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("connectionsPerServer is " + connections);
  }

  @ParameterizedTest
  @ValueSource(ints = {-1, 0, 10_001})
  void aCapOutOfRangeIsRefused(int cap) {
    assertThatThrownBy(() -> new BalanceConfig(0, cap, TIMEOUT))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("maxConnectionsPerServer is " + cap);
  }

  @ParameterizedTest
  @ValueSource(strings = {"PT0S", "PT-1S", "PT876000H0.000000001S"})
  void aConnectTimeoutOutOfRangeIsRefused(Duration timeout) {
    assertThatThrownBy(() -> new BalanceConfig(0, 64, timeout))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("connectTimeout is ");
  }

  @Test
  void jsonThatDoesNotMakeSenseIsRefusedByName() {
    assertRefused("connectionsPerSever", 1.0, "connectionsPerSever");
    assertRefused("connectionsPerServer", 1.5, "connectionsPerServer is '1.5'");
    assertRefused("connectionsPerServer", "4", "connectionsPerServer is '4'");
    assertRefused("connectionsPerServer", Double.NaN, "connectionsPerServer is 'NaN'");
    assertRefused("connectionsPerServer", 1e30, "connectionsPerServer is ");
    assertRefused("maxConnectionsPerServer", "auto", "maxConnectionsPerServer is 'auto'");
    assertRefused("maxConnectionsPerServer", -3.0, "maxConnectionsPerServer is -3");
    assertRefused("connectTimeout", 5.0, "connectTimeout is '5.0'");
    assertRefused("connectTimeout", "soon", "'soon' is not a duration");
    assertRefused("connectTimeout", "0s", "connectTimeout is PT0S");
  }

  private static void assertRefused(String name, Object value, String message) {
    assertThatThrownBy(() -> BalanceConfig.parse(Map.of(name, value)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(message);
  }
}
