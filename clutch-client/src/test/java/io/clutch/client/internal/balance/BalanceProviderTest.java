package io.clutch.client.internal.balance;

import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.LoadBalancerProvider;
import io.grpc.LoadBalancerRegistry;
import io.grpc.NameResolver.ConfigOrError;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What gRPC knows of the policies. */
final class BalanceProviderTest {

  @ParameterizedTest
  @ValueSource(strings = {"clutch_least_loaded", "clutch_rotation"})
  void grpcKnowsThePolicyByItsName(String name) {
    LoadBalancerProvider provider = provider(name);

    assertThat(provider.isAvailable()).isTrue();
    assertThat(provider.getPolicyName()).isEqualTo(name);
  }

  @ParameterizedTest
  @ValueSource(strings = {"clutch_least_loaded", "clutch_rotation"})
  void itsConfigurationIsRead(String name) {
    ConfigOrError config =
        provider(name).parseLoadBalancingPolicyConfig(Map.of("connectionsPerServer", 2.0));

    assertThat(config.getConfig()).isEqualTo(new BalanceConfig(2, 64, Duration.ofSeconds(5)));
  }

  @ParameterizedTest
  @ValueSource(strings = {"clutch_least_loaded", "clutch_rotation"})
  void aConfigurationThatDoesNotMakeSenseIsAnErrorThatNamesThePolicy(String name) {
    ConfigOrError config =
        provider(name).parseLoadBalancingPolicyConfig(Map.of("connectionsPerServer", "many"));

    assertThat(config.getConfig()).isNull();
    assertThat(config.getError().getDescription()).contains(name, "connectionsPerServer", "'many'");
    assertThat(config.getError().getCause()).isInstanceOf(IllegalArgumentException.class);
  }

  private static LoadBalancerProvider provider(String name) {
    return LoadBalancerRegistry.getDefaultRegistry().getProvider(name);
  }
}
