package io.clutch.benchmarks.program;

import io.clutch.client.ClutchClient;
import java.util.List;

/** The one place where the benchmarks make clients of Clutch. */
public final class Clients {

  /** As many connections as there are processes. */
  public static final int AUTOMATIC = 0;

  /** How calls travel. */
  public enum CallPath {
    /** As the client does it by default. */
    DEFAULT,

    /** The same, with results told on the network's thread. */
    DIRECT,

    /** Each as a gRPC call of its own. */
    UNARY
  }

  private Clients() {}

  /**
   * A client.
   *
   * @param connections to each server, or {@link #AUTOMATIC}
   */
  public static ClutchClient clutch(List<String> addresses, int connections, CallPath path) {
    ClutchClient.Builder builder =
        ClutchClient.builder().servers(addresses).callStreams(path != CallPath.UNARY);
    if (path == CallPath.DIRECT) {
      builder.directExecutor();
    }
    if (connections != AUTOMATIC) {
      builder.connectionsPerServer(connections);
    }
    return builder.build();
  }
}
