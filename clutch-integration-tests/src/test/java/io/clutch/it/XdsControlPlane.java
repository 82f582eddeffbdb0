package io.clutch.it;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import com.google.protobuf.Any;
import com.google.protobuf.Message;
import com.google.protobuf.Struct;
import com.google.protobuf.UInt32Value;
import com.google.protobuf.Value;
import io.clutch.protocol.ServerAddress;
import io.envoyproxy.envoy.config.cluster.v3.Cluster;
import io.envoyproxy.envoy.config.cluster.v3.Cluster.EdsClusterConfig;
import io.envoyproxy.envoy.config.cluster.v3.LoadBalancingPolicy;
import io.envoyproxy.envoy.config.core.v3.Address;
import io.envoyproxy.envoy.config.core.v3.AggregatedConfigSource;
import io.envoyproxy.envoy.config.core.v3.ApiVersion;
import io.envoyproxy.envoy.config.core.v3.ConfigSource;
import io.envoyproxy.envoy.config.core.v3.Locality;
import io.envoyproxy.envoy.config.core.v3.SocketAddress;
import io.envoyproxy.envoy.config.core.v3.TypedExtensionConfig;
import io.envoyproxy.envoy.config.endpoint.v3.ClusterLoadAssignment;
import io.envoyproxy.envoy.config.endpoint.v3.Endpoint;
import io.envoyproxy.envoy.config.endpoint.v3.LbEndpoint;
import io.envoyproxy.envoy.config.endpoint.v3.LocalityLbEndpoints;
import io.envoyproxy.envoy.config.listener.v3.ApiListener;
import io.envoyproxy.envoy.config.listener.v3.Listener;
import io.envoyproxy.envoy.config.route.v3.RetryPolicy;
import io.envoyproxy.envoy.config.route.v3.Route;
import io.envoyproxy.envoy.config.route.v3.RouteAction;
import io.envoyproxy.envoy.config.route.v3.RouteConfiguration;
import io.envoyproxy.envoy.config.route.v3.RouteMatch;
import io.envoyproxy.envoy.config.route.v3.VirtualHost;
import io.envoyproxy.envoy.extensions.filters.http.router.v3.Router;
import io.envoyproxy.envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager;
import io.envoyproxy.envoy.extensions.filters.network.http_connection_manager.v3.HttpFilter;
import io.envoyproxy.envoy.extensions.load_balancing_policies.wrr_locality.v3.WrrLocality;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * An xDS control plane of one service: a listener that routes every call to a cluster, the cluster,
 * and its endpoints. Begins without a policy and without endpoints; each change is published at
 * once. Close it after the clients that use it. Several may be open at a time. Thread-safe.
 */
final class XdsControlPlane implements AutoCloseable {

  /** Names no policy: what the client does then is for gRPC to say. */
  static final LoadBalancingPolicy NO_POLICY = LoadBalancingPolicy.getDefaultInstance();

  /**
   * Each has a name that none had before: gRPC shares what it knows of a name among the clients of
   * this JVM, those that are just being closed too.
   */
  private static final AtomicInteger COUNT = new AtomicInteger();

  private final String name;

  @GuardedBy("this")
  private RetryPolicy retries = RetryPolicy.getDefaultInstance();

  @GuardedBy("this")
  private Cluster cluster;

  @GuardedBy("this")
  private ClusterLoadAssignment endpoints;

  /**
   * @param service what the service's name begins with: jobs gives {@code xds:///jobs-1}
   */
  XdsControlPlane(String service) {
    this.name = service + "-" + COUNT.incrementAndGet();
    this.cluster = cluster(name, NO_POLICY);
    this.endpoints = assignment(name, List.of());
    XdsServer.shared().publish(name, service());
  }

  /** What clients take for their servers. */
  String target() {
    return "xds:///" + name;
  }

  /** Publishes the endpoints, instead of those before. */
  synchronized void endpoints(List<ServerAddress> addresses) {
    endpoints = assignment(name, addresses);
    XdsServer.shared().publish(name, service());
  }

  /** Publishes the cluster with this policy, instead of the one before. */
  synchronized void policy(LoadBalancingPolicy policy) {
    cluster = cluster(name, policy);
    XdsServer.shared().publish(name, service());
  }

  /** Publishes a route that has calls sent again. */
  synchronized void retries(String on, int most) {
    retries = RetryPolicy.newBuilder().setRetryOn(on).setNumRetries(UInt32Value.of(most)).build();
    XdsServer.shared().publish(name, service());
  }

  @Override
  public void close() {
    XdsServer.shared().remove(name);
  }

  /**
   * Names a load balancer that is registered with gRPC.
   *
   * @param config such as {@code Struct.newBuilder().putFields("connectionsPerServer", number(2))}
   */
  static LoadBalancingPolicy custom(String balancer, Struct config) {
    return policyOf(
        com.github.xds.type.v3.TypedStruct.newBuilder()
            .setTypeUrl("type.googleapis.com/" + balancer)
            .setValue(config)
            .build());
  }

  /** Chooses a locality by weight, then an endpoint in it by {@code picking}. */
  static LoadBalancingPolicy wrrLocality(LoadBalancingPolicy picking) {
    return policyOf(WrrLocality.newBuilder().setEndpointPickingPolicy(picking).build());
  }

  /** The first of them that the client knows. */
  static LoadBalancingPolicy firstKnown(LoadBalancingPolicy... policies) {
    LoadBalancingPolicy.Builder all = LoadBalancingPolicy.newBuilder();
    for (LoadBalancingPolicy policy : policies) {
      all.addAllPolicies(policy.getPoliciesList());
    }
    return all.build();
  }

  static Value number(double value) {
    return Value.newBuilder().setNumberValue(value).build();
  }

  private static LoadBalancingPolicy policyOf(Message config) {
    return LoadBalancingPolicy.newBuilder()
        .addPolicies(
            LoadBalancingPolicy.Policy.newBuilder()
                .setTypedExtensionConfig(
                    TypedExtensionConfig.newBuilder()
                        .setName("policy")
                        .setTypedConfig(Any.pack(config))))
        .build();
  }

  @GuardedBy("this")
  private XdsServer.Service service() {
    return new XdsServer.Service(listener(name, retries), cluster, endpoints);
  }

  private static Listener listener(String name, RetryPolicy retries) {
    RouteAction.Builder action = RouteAction.newBuilder().setCluster(name);
    if (!retries.equals(RetryPolicy.getDefaultInstance())) {
      action.setRetryPolicy(retries);
    }
    HttpConnectionManager manager =
        HttpConnectionManager.newBuilder()
            .setRouteConfig(
                RouteConfiguration.newBuilder()
                    .addVirtualHosts(
                        VirtualHost.newBuilder()
                            .setName(name)
                            .addDomains("*")
                            .addRoutes(
                                Route.newBuilder()
                                    .setMatch(RouteMatch.newBuilder().setPrefix(""))
                                    .setRoute(action))))
            .addHttpFilters(
                HttpFilter.newBuilder()
                    .setName("router")
                    .setTypedConfig(Any.pack(Router.getDefaultInstance())))
            .build();
    return Listener.newBuilder()
        .setName(name)
        .setApiListener(ApiListener.newBuilder().setApiListener(Any.pack(manager)))
        .build();
  }

  private static Cluster cluster(String name, LoadBalancingPolicy policy) {
    Cluster.Builder cluster =
        Cluster.newBuilder()
            .setName(name)
            .setType(Cluster.DiscoveryType.EDS)
            .setEdsClusterConfig(
                EdsClusterConfig.newBuilder()
                    .setEdsConfig(
                        ConfigSource.newBuilder()
                            .setAds(AggregatedConfigSource.getDefaultInstance())
                            .setResourceApiVersion(ApiVersion.V3)));
    if (!policy.equals(NO_POLICY)) {
      cluster.setLoadBalancingPolicy(policy);
    }
    return cluster.build();
  }

  private static ClusterLoadAssignment assignment(String name, List<ServerAddress> addresses) {
    LocalityLbEndpoints.Builder locality =
        LocalityLbEndpoints.newBuilder()
            .setLocality(Locality.newBuilder().setRegion("here"))
            // gRPC passes over a locality without a weight.
            .setLoadBalancingWeight(UInt32Value.of(1));
    addresses.forEach(address -> locality.addLbEndpoints(endpoint(address)));
    return ClusterLoadAssignment.newBuilder().setClusterName(name).addEndpoints(locality).build();
  }

  private static LbEndpoint endpoint(ServerAddress address) {
    return LbEndpoint.newBuilder()
        .setEndpoint(
            Endpoint.newBuilder()
                .setAddress(
                    Address.newBuilder()
                        .setSocketAddress(
                            SocketAddress.newBuilder()
                                .setAddress(address.host())
                                .setPortValue(address.port()))))
        .build();
  }
}
