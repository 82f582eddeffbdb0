package io.clutch.process;

import io.netty.channel.Channel;
import io.netty.channel.ChannelException;
import io.netty.channel.ServerChannel;
import io.netty.channel.epoll.EpollDomainSocketChannel;
import io.netty.channel.epoll.EpollServerDomainSocketChannel;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.unix.DomainSocketAddress;
import io.netty.channel.unix.FileDescriptor;
import io.netty.channel.unix.Socket;
import java.io.IOException;
import java.nio.file.Path;

/** Makes Netty channels of file descriptors that came from elsewhere. Linux only. */
public final class Descriptors {

  // From Linux's headers, the same on every architecture that Clutch supervises on.
  private static final int SOL_SOCKET = 1;
  private static final int SO_TYPE = 3;
  private static final int SO_ACCEPTCONN = 30;
  private static final int SO_DOMAIN = 39;
  private static final int SOCK_STREAM = 1;
  private static final int AF_UNIX = 1;

  /** Room for any socket's address. */
  private static final int LONGEST_ADDRESS = 128;

  private Descriptors() {}

  /**
   * The channel of an open connection, TCP or Unix-domain, not yet registered.
   *
   * @throws IOException where the descriptor is no socket; it is closed then
   */
  public static Channel connection(int descriptor) throws IOException {
    try {
      return isUnix(new Socket(descriptor))
          ? new EpollDomainSocketChannel(descriptor)
          : new EpollSocketChannel(descriptor);
    } catch (IOException | ChannelException e) {
      new FileDescriptor(descriptor).close();
      throw new IOException("descriptor %d is no socket: %s".formatted(descriptor, e), e);
    }
  }

  /**
   * The channel of a socket that listens, not yet registered.
   *
   * @throws IOException where it is none; the message says what was expected, and where it was
   *     announced
   */
  public static ServerChannel listener(InheritedSocket inherited) throws IOException {
    try {
      Socket socket = new Socket(inherited.descriptor());
      makeNonBlocking(inherited.descriptor());
      if (socket.getIntOpt(SOL_SOCKET, SO_TYPE) != SOCK_STREAM
          || socket.getIntOpt(SOL_SOCKET, SO_ACCEPTCONN) == 0) {
        throw new IOException("it is no listening stream socket");
      }
      return isUnix(socket)
          ? new EpollServerDomainSocketChannel(inherited.descriptor())
          : new EpollServerSocketChannel(inherited.descriptor());
    } catch (IOException | ChannelException e) {
      throw new IOException(
          "cannot listen on descriptor %d ('%s' in %s): %s"
              .formatted(
                  inherited.descriptor(), inherited.name(), inherited.source(), e.getMessage()),
          e);
    }
  }

  /**
   * Whoever opened it may have left it blocking: then the one of two processes that comes late to a
   * connection would wait in accept for the next one, and its whole event loop with it.
   *
   * <p>Netty makes descriptors non-blocking that it receives, and that flag is one for all who
   * share the socket: so this process hands the descriptor to itself once.
   */
  private static void makeNonBlocking(int descriptor) throws IOException {
    Path folder = PrivateFolder.createTemporary();
    Socket listener = Socket.newSocketDomain();
    Socket sender = Socket.newSocketDomain();
    try {
      DomainSocketAddress address = UnixSockets.address(folder.resolve("self.sock"));
      listener.bind(address);
      listener.listen(1);
      sender.connect(address);
      Socket receiver = new Socket(listener.accept(new byte[LONGEST_ADDRESS]));
      try {
        sender.sendFd(descriptor);
        new FileDescriptor(receiver.recvFd()).close();
      } finally {
        receiver.close();
      }
    } finally {
      sender.close();
      listener.close();
      PrivateFolder.delete(folder);
    }
  }

  private static boolean isUnix(Socket socket) throws IOException {
    return socket.getIntOpt(SOL_SOCKET, SO_DOMAIN) == AF_UNIX;
  }
}
