package io.clutch.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class TargetTest {

  @Test
  void aListOfServersStaysAList() {
    Target target = Target.parse(List.of("10.0.0.1:9501", "jobs:9502"));

    assertThat(target.text()).isEqualTo("10.0.0.1:9501,jobs:9502");
    assertThat(target.uri()).startsWith("clutch:").endsWith("/10.0.0.1:9501,jobs:9502");
  }

  @Test
  void anElementMayHoldSeveral() {
    assertThat(Target.parse(List.of(" a:1, b:2 ,", "c:3")).text()).isEqualTo("a:1,b:2,c:3");
  }

  @Test
  void bracketsOfIpv6AddressesStay() {
    assertThat(Target.parse(List.of("[::1]:9501")).text()).isEqualTo("[::1]:9501");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "dns:///jobs:9501",
        "dns:jobs:9501",
        "unix:/run/jobs.sock",
        "unix:///run/jobs.sock",
        "xds:///jobs",
        "custom:///jobs"
      })
  void aGrpcTargetIsPassedThrough(String target) {
    assertThat(Target.parse(List.of(target))).isEqualTo(new Target(target, target));
  }

  @Test
  void aGrpcTargetStandsAlone() {
    assertThatThrownBy(() -> Target.parse(List.of("dns:///jobs:9501", "a:1")))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("dns:///jobs:9501,a:1");
  }

  @Test
  void noServersAreRefused() {
    assertThatThrownBy(() -> Target.parse(List.of(" ,")))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("servers is empty");
  }

  @ParameterizedTest
  @ValueSource(strings = {"jobs", "::1:9501", "jobs:x", "jobs:70000", ":9501"})
  void whatIsNoAddressIsRefusedByName(String address) {
    assertThatThrownBy(() -> Target.parse(List.of(address)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(address);
  }
}
