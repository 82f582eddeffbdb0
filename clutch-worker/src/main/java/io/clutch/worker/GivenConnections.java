package io.clutch.worker;

import com.google.common.collect.ImmutableList;
import io.clutch.process.InheritedSocket;
import io.clutch.process.ListeningSockets;
import io.clutch.process.Place;
import io.clutch.process.PrivateFolder;
import io.clutch.process.UnixSockets;
import io.clutch.worker.internal.sockets.DescriptorSocket;
import io.clutch.worker.internal.sockets.Network;
import io.clutch.worker.internal.sockets.PrivateServer;
import io.grpc.Server;
import io.grpc.netty.NettyServerBuilder;
import io.netty.channel.EventLoopGroup;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;

/**
 * The server is given its connections: by the supervisor, or from sockets that this process was
 * started with.
 */
abstract class GivenConnections implements ConnectionSource {

  private final EventLoopGroup loops;
  private final PrivateServer server;

  private GivenConnections(Path socket, EventLoopGroup loops) throws IOException {
    this.loops = loops;
    this.server = new PrivateServer(socket, loops);
  }

  /**
   * Those that the supervisor hands over.
   *
   * @param addresses where the pool listens
   * @param onClose is told the number of each connection that has ended, from 1
   */
  static Supervised supervised(
      Place place, EventLoopGroup loops, ImmutableList<String> addresses, LongConsumer onClose)
      throws IOException {
    return new Supervised(place, loops, addresses, onClose);
  }

  /** Those that come to sockets which a service manager opened. */
  static ConnectionSource inherited(ImmutableList<InheritedSocket> sockets) throws IOException {
    Path folder = PrivateFolder.createTemporary();
    EventLoopGroup loops = UnixSockets.eventLoops("clutch-network", 2);
    try {
      return new Inherited(folder, loops, sockets);
    } catch (IOException e) {
      UnixSockets.stop(loops);
      PrivateFolder.delete(folder);
      throw e;
    }
  }

  final EventLoopGroup loops() {
    return loops;
  }

  final PrivateServer server() {
    return server;
  }

  @Override
  public final NettyServerBuilder builder(Network network) {
    return server.builder(network);
  }

  @Override
  public void close(Duration atMost) throws InterruptedException {
    server.awaitSettled(atMost);
  }

  /** From the supervisor. */
  static final class Supervised extends GivenConnections {
    private final Path socket;
    private final Path siblingSocket;
    private final ImmutableList<String> addresses;
    private final LongConsumer onClose;
    private @Nullable DescriptorSocket descriptors;

    private Supervised(
        Place place, EventLoopGroup loops, ImmutableList<String> addresses, LongConsumer onClose)
        throws IOException {
      super(place.workerSocket(), loops);
      this.socket = place.descriptorSocket();
      this.siblingSocket = place.siblingSocket();
      this.addresses = addresses;
      this.onClose = onClose;
    }

    /** Where the supervisor hands connections over. */
    Path descriptorSocket() {
      return socket;
    }

    @Override
    public Optional<SiblingSocket> siblings() {
      return Optional.of(new SiblingSocket(siblingSocket, loops()));
    }

    @Override
    public void open(Server started) throws IOException {
      descriptors = new DescriptorSocket(socket, loops(), server()::take, onClose);
    }

    @Override
    public ImmutableList<String> addresses() {
      return addresses;
    }

    @Override
    public void close(Duration atMost) throws InterruptedException {
      DescriptorSocket open = descriptors;
      if (open != null) {
        boolean unused = open.awaitEnd(atMost);
        open.close();
      }
      super.close(atMost);
    }

    @Override
    public void release() {
      // The threads are needed to the last word to the supervisor; its folder is the supervisor's.
    }
  }

  /** From a service manager's sockets. */
  private static final class Inherited extends GivenConnections {
    private final Path folder;
    private final ListeningSockets listeners;

    private Inherited(Path folder, EventLoopGroup loops, ImmutableList<InheritedSocket> sockets)
        throws IOException {
      super(folder.resolve("worker.sock"), loops);
      this.folder = folder;
      this.listeners = ListeningSockets.open(ImmutableList.of(), sockets, loops);
    }

    @Override
    public void open(Server started) {
      listeners.handler(server()::take);
      listeners.accept(true);
    }

    @Override
    public ImmutableList<String> addresses() {
      return listeners.addresses();
    }

    @Override
    public void close(Duration atMost) throws InterruptedException {
      listeners.close();
      super.close(atMost);
    }

    @Override
    public void release() {
      UnixSockets.stop(loops());
      PrivateFolder.delete(folder);
    }
  }
}
