package io.clutch.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.grpc.NameResolverRegistry;
import java.net.URI;
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

  @ParameterizedTest
  @ValueSource(strings = {"clutch:9501", "dns:9501", "xds:9501"})
  void aHostMayBeCalledLikeAScheme(String server) {
    assertThat(Target.parse(List.of(server)).uri()).isEqualTo("clutch:///" + server);
  }

  @ParameterizedTest
  @ValueSource(strings = {"/run/caf\u00e9", "/run/50%", "/run/a b", "/run/a#b", "/run/a?b"})
  void pathsMayHaveAnyCharactersButCommas(String path) {
    Target target = Target.parse(List.of("unix:" + path));
    assertThat(URI.create(target.uri()).getPath()).isEqualTo("/" + path);
  }

  @Test
  void bracketsOfIpv6AddressesStay() {
    assertThat(Target.parse(List.of("[::1]:9501")).text()).isEqualTo("[::1]:9501");
  }

  @ParameterizedTest
  @ValueSource(strings = {"dns:///jobs:9501", "dns:jobs:9501", "xds:///jobs", "custom:///jobs"})
  void aGrpcTargetIsPassedThrough(String target) {
    assertThat(Target.parse(List.of(target))).isEqualTo(new Target(target, target, false));
  }

  @Test
  void aGrpcTargetStandsAlone() {
    assertThatThrownBy(() -> Target.parse(List.of("dns:///jobs:9501", "a:1")))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("dns:///jobs:9501,a:1");
  }

  @ParameterizedTest
  @ValueSource(strings = {"unix:/run/jobs.sock", "unix:///run/jobs.sock"})
  void aPathOfASocketIsAServer(String server) {
    assertThat(Target.parse(List.of(server)))
        .isEqualTo(new Target(server, "clutch-unix:////run/jobs.sock", true));
  }

  @Test
  void severalPathsAreSeveralServers() {
    Target target = Target.parse(List.of("unix:/run/a,unix:/run/b"));
    assertThat(target.isUnix()).isTrue();
    assertThat(target.uri()).isEqualTo("clutch-unix:////run/a,/run/b");
  }

  @Test
  void pathsAndAddressesDoNotMix() {
    assertThatThrownBy(() -> Target.parse(List.of("unix:/run/a", "b:1")))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("unix:/run/a,b:1");
  }

  @Test
  void aPathThatIsTooLongIsRefused() {
    assertThatThrownBy(() -> Target.parse(List.of("unix:/" + "x".repeat(200))))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("107 bytes");
  }

  @ParameterizedTest
  @ValueSource(strings = {"127.0.0.1:9501", "dns:///jobs:9501", "unix:/run/jobs.sock"})
  void whatGrpcResolvesIsTaken(String target) {
    assertThatCode(() -> Target.parse(List.of(target)).checkResolvable())
        .doesNotThrowAnyException();
  }

  @Test
  void xdsWithoutItsLibraryIsRefusedWhenTheClientIsBuilt() {
    ClutchClient.Builder builder = ClutchClient.builder().servers("xds:///jobs");

    assertThatThrownBy(builder::build)
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContainingAll("xds:///jobs", "scheme 'xds'", "io.grpc:grpc-xds");
  }

  @Test
  void otherTargetsWithoutASchemeAreStillLookedUpByDns() {
    assertThat(NameResolverRegistry.getDefaultRegistry().getDefaultScheme()).isEqualTo("dns");
  }

  @Test
  void aSchemeWithoutResolverIsRefusedWhenTheClientIsBuilt() {
    ClutchClient.Builder builder = ClutchClient.builder().servers("custom:///jobs");

    assertThatThrownBy(builder::build)
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContainingAll("custom:///jobs", "scheme 'custom'");
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
