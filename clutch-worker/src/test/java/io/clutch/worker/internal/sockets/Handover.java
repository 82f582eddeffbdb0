package io.clutch.worker.internal.sockets;

import com.google.common.collect.ImmutableList;
import io.clutch.process.ListeningSockets;
import io.clutch.process.UnixSockets;
import io.clutch.protocol.ServerAddress;
import io.netty.channel.Channel;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.unix.Socket;
import io.netty.channel.unix.UnixChannel;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;

/** A port whose connections are handed to a worker, as a supervisor does. */
public final class Handover implements AutoCloseable {

  private final EventLoopGroup loops = UnixSockets.eventLoops("test-handover", 1);
  private final Socket link = Socket.newSocketDomain();
  private final ListeningSockets port;

  /**
   * @param descriptorSocket where the worker takes descriptors
   */
  public Handover(Path descriptorSocket) throws IOException {
    if (!link.connect(UnixSockets.address(descriptorSocket))) {
      throw new IOException("not connected at once");
    }
    port =
        ListeningSockets.open(
            ImmutableList.of(ServerAddress.parse("127.0.0.1:0")), ImmutableList.of(), loops);
    port.handler(this::give);
    port.accept(true);
  }

  /** Where clients find it. */
  public ServerAddress address() {
    return ServerAddress.parse(port.addresses().get(0));
  }

  private void give(Channel connection) {
    try {
      give(((UnixChannel) connection).fd().intValue());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } finally {
      connection.unsafe().closeForcibly();
    }
  }

  /** Hands over any descriptor; this process keeps its own. */
  public void give(int descriptor) throws IOException {
    if (link.sendFd(descriptor) <= 0) {
      throw new IOException("the worker does not read");
    }
  }

  /** There will be no more. */
  public void end() throws IOException {
    link.close();
  }

  @Override
  public void close() throws IOException {
    link.close();
    port.close();
    UnixSockets.stop(loops);
  }
}
