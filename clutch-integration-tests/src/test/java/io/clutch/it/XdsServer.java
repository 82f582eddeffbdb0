package io.clutch.it;

import com.google.common.collect.ImmutableList;
import com.google.errorprone.annotations.concurrent.GuardedBy;
import com.google.protobuf.Message;
import io.envoyproxy.controlplane.cache.v3.SimpleCache;
import io.envoyproxy.controlplane.cache.v3.Snapshot;
import io.envoyproxy.controlplane.server.V3DiscoveryServer;
import io.envoyproxy.envoy.config.cluster.v3.Cluster;
import io.envoyproxy.envoy.config.endpoint.v3.ClusterLoadAssignment;
import io.envoyproxy.envoy.config.listener.v3.Listener;
import io.grpc.InsecureServerCredentials;
import io.grpc.Server;
import io.grpc.netty.NettyServerBuilder;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;

/**
 * The xDS server of this JVM, one for all control planes. gRPC reads its bootstrap once for each
 * JVM, at the first {@code xds:} client, and keeps it: the server's address must stay what it is,
 * for tests that run at the same time and after. So the server ends with the JVM, whose end its
 * threads don't hold up. Thread-safe.
 */
final class XdsServer {

  /** What it tells of one service. */
  record Service(Listener listener, Cluster cluster, ClusterLoadAssignment endpoints) {}

  private static final String BOOTSTRAP_PROPERTY = "io.grpc.xds.bootstrapConfig";

  private static final String BOOTSTRAP =
      """
      {
        "xds_servers": [
          {
            "server_uri": "dns:///127.0.0.1:%d",
            "channel_creds": [{"type": "insecure"}],
            "server_features": ["xds_v3"]
          }
        ],
        "node": {"id": "clutch-integration-tests"}
      }
      """;

  /** All clients are told the same, for the bootstrap gives them the same node. */
  private static final String EVERYONE = "everyone";

  /** Started with this class, by the first who asks for it. */
  private static final XdsServer SHARED = new XdsServer();

  private final SimpleCache<String> cache = new SimpleCache<>(node -> EVERYONE);

  @GuardedBy("this")
  private final Map<String, Service> services = new TreeMap<>();

  private XdsServer() {
    try {
      Server server =
          NettyServerBuilder.forAddress(
                  new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
                  InsecureServerCredentials.create())
              .addService(new V3DiscoveryServer(cache).getAggregatedDiscoveryServiceImpl())
              .build()
              .start();
      System.setProperty(BOOTSTRAP_PROPERTY, BOOTSTRAP.formatted(server.getPort()));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static XdsServer shared() {
    return SHARED;
  }

  /** Tells this of a service from now on. */
  synchronized void publish(String name, Service service) {
    services.put(name, service);
    publish();
  }

  synchronized void remove(String name) {
    services.remove(name);
    publish();
  }

  @GuardedBy("this")
  private void publish() {
    List<Listener> listeners = all(Service::listener);
    List<Cluster> clusters = all(Service::cluster);
    List<ClusterLoadAssignment> endpoints = all(Service::endpoints);
    cache.setSnapshot(
        EVERYONE,
        Snapshot.create(
            clusters,
            version(clusters),
            endpoints,
            version(endpoints),
            listeners,
            version(listeners),
            List.of(),
            "none",
            List.of(),
            "none"));
  }

  @GuardedBy("this")
  private <T> List<T> all(Function<Service, T> part) {
    return services.values().stream().map(part).collect(ImmutableList.toImmutableList());
  }

  /** Changes with the content: other sorts of resources are not sent again. */
  private static String version(List<? extends Message> resources) {
    return Integer.toHexString(resources.hashCode());
  }
}
