package io.clutch.worker;

import static com.google.common.collect.ImmutableList.toImmutableList;

import com.google.common.collect.ImmutableList;
import io.clutch.worker.internal.sockets.Network;
import io.grpc.Server;
import io.grpc.ServerBuilder;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The server is of the program's own making: it knows where its connections come from. */
final class GivenServer implements ConnectionSource {

  private static final Logger log = LoggerFactory.getLogger(Worker.class);

  private final ServerBuilder<?> builder;

  /** Written before the worker is published. */
  private ImmutableList<String> addresses = ImmutableList.of();

  GivenServer(ServerBuilder<?> builder) {
    this.builder = builder;
  }

  @Override
  public ServerBuilder<?> builder(Network network) {
    // What holds for its connections is for it to say; but Clutch's clients ask whether it is
    // there.
    try {
      builder
          .permitKeepAliveTime(Network.SHORTEST_KEEPALIVE.toMillis(), TimeUnit.MILLISECONDS)
          .permitKeepAliveWithoutCalls(true);
    } catch (UnsupportedOperationException e) {
      log.debug("a transport without keep-alive, such as one in this process: {}", builder);
    }
    return builder;
  }

  @Override
  public Optional<String> name() {
    return Optional.of("the given server");
  }

  @Override
  public void open(Server server) {
    addresses =
        server.getListenSockets().stream()
            .filter(InetSocketAddress.class::isInstance)
            .map(socket -> OwnListeners.text((InetSocketAddress) socket))
            .collect(toImmutableList());
  }

  @Override
  public ImmutableList<String> addresses() {
    return addresses;
  }

  @Override
  public void close(Duration atMost) {
    // The server brings no further connections when it is shut down.
  }

  @Override
  public void release() {}
}
