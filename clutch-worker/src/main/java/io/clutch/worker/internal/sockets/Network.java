package io.clutch.worker.internal.sockets;

import io.grpc.netty.NettyServerBuilder;
import io.netty.channel.ServerChannel;
import io.netty.handler.ssl.SslContext;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/** What holds for the connections of a worker, wherever they come from. */
public final class Network {

  /** Clients may ask this often, at most, whether the connection still stands. */
  public static final Duration SHORTEST_KEEPALIVE = Duration.ofSeconds(5);

  /** A client that was silent for so long is asked whether it is still there. */
  private static final Duration KEEPALIVE = Duration.ofSeconds(60);

  /** One that does not answer within that has gone. */
  private static final Duration KEEPALIVE_PATIENCE = Duration.ofSeconds(20);

  /**
   * How many calls a client may give up on one connection: fewer than an attacker would want (who
   * sends 100,000 a second), more than anyone else needs.
   */
  private static final int MAX_RESETS = 10_000;

  private static final int MAX_RESETS_SECONDS = 10;

  private final Optional<SslContext> tls;
  private final ConnectionLimits limits;
  private final ConnectionGate gate;

  /**
   * @param tls empty is plaintext
   */
  public Network(Optional<SslContext> tls, ConnectionLimits limits) {
    this.tls = tls;
    this.limits = limits;
    this.gate =
        new ConnectionGate(limits.maxConnections(), limits.connectionTimeout(), tls.isPresent());
  }

  /** Puts the gate in front of what will serve the connections of a listening channel. */
  public void guard(ServerChannel listening) {
    listening.pipeline().addLast(gate);
  }

  /** Sets everything else. */
  public NettyServerBuilder configure(NettyServerBuilder builder) {
    tls.ifPresent(builder::sslContext);
    if (!limits.maxConnectionIdle().isZero()) {
      builder.maxConnectionIdle(limits.maxConnectionIdle().toMillis(), TimeUnit.MILLISECONDS);
    }
    return builder
        .maxConcurrentCallsPerConnection(limits.maxCallsPerConnection())
        .maxInboundMetadataSize(limits.maxHeaderSize())
        .maxRstFramesPerWindow(MAX_RESETS, MAX_RESETS_SECONDS)
        .handshakeTimeout(limits.connectionTimeout().toMillis(), TimeUnit.MILLISECONDS)
        .keepAliveTime(KEEPALIVE.toMillis(), TimeUnit.MILLISECONDS)
        .keepAliveTimeout(KEEPALIVE_PATIENCE.toMillis(), TimeUnit.MILLISECONDS)
        .permitKeepAliveTime(SHORTEST_KEEPALIVE.toMillis(), TimeUnit.MILLISECONDS)
        .permitKeepAliveWithoutCalls(true);
  }
}
