package io.clutch.client;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import io.clutch.client.internal.balance.BalanceConfig;
import io.clutch.client.internal.balance.Choice;
import io.clutch.security.TlsFiles;
import io.grpc.ManagedChannelBuilder;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * How a client connects.
 *
 * @param policy the name of a load-balancing policy that gRPC knows
 * @param balance how connections are kept, where the policy is one of ours
 * @param keepAlive how long nothing may come before the other side is asked whether it is there
 * @param directExecutor whether results are told on the network's threads
 * @param maxMessageSize of a payload, in bytes
 * @param tls null is plaintext
 * @param token the file that holds the token to show; null is none
 * @param authority whom the servers' certificates are to be of, instead of the name in each
 *     address; null is that name
 */
record ConnectionOptions(
    String policy,
    BalanceConfig balance,
    Duration keepAlive,
    boolean directExecutor,
    int maxMessageSize,
    @Nullable TlsFiles tls,
    @Nullable Path token,
    @Nullable String authority) {

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

  /** Whether the policy is one of Clutch's, as far as it is not said elsewhere. */
  boolean isOurs() {
    return Arrays.stream(Choice.values()).anyMatch(choice -> choice.policy().equals(policy));
  }

  private ImmutableMap<String, ?> serviceConfig(ImmutableMap<String, ?> ofPolicy) {
    return ImmutableMap.of(
        "loadBalancingConfig", ImmutableList.of(ImmutableMap.of(policy, ofPolicy)));
  }
}
