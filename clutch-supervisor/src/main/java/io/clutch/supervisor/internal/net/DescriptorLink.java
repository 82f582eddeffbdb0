package io.clutch.supervisor.internal.net;

import io.clutch.process.UnixSockets;
import io.netty.channel.unix.Errors.NativeIoException;
import io.netty.channel.unix.Socket;
import java.io.IOException;
import java.nio.file.Path;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The way on which one child is handed its connections: a Unix-domain socket that carries their
 * descriptors. Never blocks. Used by one thread.
 *
 * <p>On Netty's bare socket, for its channel breaks when the socket is full.
 */
public final class DescriptorLink {

  private static final Logger log = LoggerFactory.getLogger(DescriptorLink.class);

  /** Too many descriptors are on their way between processes. */
  private static final int ETOOMANYREFS = -109;

  /** What became of a connection that a child was to be given. */
  public enum Result {
    GIVEN,
    /** The child has not taken enough of those before; the connection stays here. */
    FULL,
    /** The child is not there any more; the connection stays here. */
    BROKEN
  }

  private final Socket socket;
  private boolean broken;

  private DescriptorLink(Socket socket) {
    this.socket = socket;
  }

  /**
   * Connects to the socket of a child.
   *
   * @throws IOException where nobody listens there
   */
  public static DescriptorLink connect(Path path) throws IOException {
    Socket socket = Socket.newSocketDomain();
    try {
      if (socket.connect(UnixSockets.address(path))) {
        return new DescriptorLink(socket);
      }
      throw new IOException("'%s' does not take a connection at once".formatted(path));
    } catch (IOException e) {
      socket.close();
      throw e;
    }
  }

  /** Hands a connection to the child; then it is closed here. */
  public Result give(Connection connection) {
    try {
      if (socket.sendFd(connection.descriptor().intValue()) <= 0) {
        return Result.FULL;
      }
      connection.close();
      return Result.GIVEN;
    } catch (IOException e) {
      if (e instanceof NativeIoException error && error.expectedErr() == ETOOMANYREFS) {
        return Result.FULL;
      }
      log.debug("a child cannot be given a connection", e);
      broken = true;
      return Result.BROKEN;
    }
  }

  /** Whether the child was there when it was last given something. */
  public boolean isOpen() {
    return !broken;
  }

  /** Ends it behind what was given. */
  public void close() {
    try {
      socket.close();
    } catch (IOException e) {
      log.debug("cannot close the way to a child", e);
    }
  }
}
