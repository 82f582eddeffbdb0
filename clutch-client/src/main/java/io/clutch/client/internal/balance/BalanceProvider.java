package io.clutch.client.internal.balance;

import io.grpc.LoadBalancer;
import io.grpc.LoadBalancerProvider;
import io.grpc.NameResolver.ConfigOrError;
import io.grpc.Status;
import java.util.Map;

/** Lets gRPC find a policy by its name. */
abstract class BalanceProvider extends LoadBalancerProvider {

  private final Choice choice;

  BalanceProvider(Choice choice) {
    this.choice = choice;
  }

  @Override
  public boolean isAvailable() {
    return true;
  }

  @Override
  public int getPriority() {
    return 5;
  }

  @Override
  public String getPolicyName() {
    return choice.policy();
  }

  @Override
  public LoadBalancer newLoadBalancer(LoadBalancer.Helper helper) {
    return new ProcessBalancer(helper, choice);
  }

  @Override
  public ConfigOrError parseLoadBalancingPolicyConfig(Map<String, ?> json) {
    try {
      return ConfigOrError.fromConfig(BalanceConfig.parse(json));
    } catch (IllegalArgumentException e) {
      return ConfigOrError.fromError(
          Status.UNAVAILABLE
              .withDescription(
                  "the configuration of %s: %s".formatted(getPolicyName(), e.getMessage()))
              .withCause(e));
    }
  }
}
