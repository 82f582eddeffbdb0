package io.clutch.it;

import io.grpc.LoadBalancer;
import io.grpc.LoadBalancerProvider;
import io.grpc.LoadBalancerRegistry;
import io.grpc.NameResolver.ConfigOrError;
import io.grpc.Status;
import io.grpc.util.ForwardingLoadBalancer;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;

/**
 * Balances like {@code round_robin}, and keeps the configurations that its balancers were given.
 */
final class RecordingPolicy extends LoadBalancerProvider implements AutoCloseable {

  static final String NAME = "recording_round_robin";

  private final Queue<Object> configs = new ConcurrentLinkedQueue<>();

  /** Makes it known to gRPC until it is closed. */
  static RecordingPolicy register() {
    RecordingPolicy policy = new RecordingPolicy();
    LoadBalancerRegistry.getDefaultRegistry().register(policy);
    return policy;
  }

  Queue<Object> configs() {
    return configs;
  }

  @Override
  public void close() {
    LoadBalancerRegistry.getDefaultRegistry().deregister(this);
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
    return NAME;
  }

  @Override
  public ConfigOrError parseLoadBalancingPolicyConfig(Map<String, ?> raw) {
    return ConfigOrError.fromConfig(Map.copyOf(raw));
  }

  @Override
  public LoadBalancer newLoadBalancer(LoadBalancer.Helper helper) {
    LoadBalancer balancer =
        LoadBalancerRegistry.getDefaultRegistry()
            .getProvider("round_robin")
            .newLoadBalancer(helper);
    return new ForwardingLoadBalancer() {
      @Override
      protected LoadBalancer delegate() {
        return balancer;
      }

      @Override
      public Status acceptResolvedAddresses(LoadBalancer.ResolvedAddresses addresses) {
        configs.add(addresses.getLoadBalancingPolicyConfig());
        return balancer.acceptResolvedAddresses(addresses);
      }
    };
  }
}
