package io.clutch.client;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import io.clutch.client.internal.balance.BalanceConfig;
import io.clutch.client.internal.balance.Choice;
import io.grpc.ManagedChannelBuilder;
import java.time.Duration;
import java.util.Arrays;

/**
 * How a client connects.
 *
 * @param policy the name of a load-balancing policy that gRPC knows
 * @param balance how connections are kept, where the policy is one of ours
 * @param keepAlive how long nothing may come before the other side is asked whether it is there
 * @param maxMessageSize of a payload, in bytes
 */
record ConnectionOptions(
    String policy, BalanceConfig balance, Duration keepAlive, int maxMessageSize) {

  /** Tells gRPC the policy, for where the servers' name does not come with one of its own. */
  void balance(ManagedChannelBuilder<?> builder) {
    if (isOurs()) {
      builder.defaultServiceConfig(serviceConfig(balance.toJson()));
    } else {
      builder.defaultLoadBalancingPolicy(policy);
    }
  }

  /** The same where the channel is of somebody else's making: it may have an address, no name. */
  void balanceGiven(ManagedChannelBuilder<?> builder) {
    builder.defaultServiceConfig(serviceConfig(isOurs() ? balance.toJson() : ImmutableMap.of()));
  }

  private boolean isOurs() {
    return Arrays.stream(Choice.values()).anyMatch(choice -> choice.policy().equals(policy));
  }

  private ImmutableMap<String, ?> serviceConfig(ImmutableMap<String, ?> ofPolicy) {
    return ImmutableMap.of(
        "loadBalancingConfig", ImmutableList.of(ImmutableMap.of(policy, ofPolicy)));
  }
}
