package io.clutch.process;

import io.netty.channel.unix.Socket;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;

/** File descriptors as a service manager passes them. */
final class TestDescriptors {

  private TestDescriptors() {}

  /** A TCP socket that is bound to a free port, and does not listen. */
  static Socket boundTcp() throws IOException {
    Socket socket = Socket.newSocketStream();
    socket.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
    return socket;
  }

  /** A TCP socket that listens. */
  static Socket listeningTcp() throws IOException {
    Socket socket = boundTcp();
    socket.listen(16);
    return socket;
  }

  /** A Unix-domain socket that listens. */
  static Socket listeningUnix(Path path) throws IOException {
    Socket socket = Socket.newSocketDomain();
    socket.bind(UnixSockets.address(path));
    socket.listen(16);
    return socket;
  }

  /** The descriptor of a socket of the JDK's, which blocks whoever accepts. */
  static int of(ServerSocket socket) throws IOException {
    try (Stream<Path> links = Files.list(Path.of("/proc/self/fd"))) {
      return links
          .mapToInt(link -> Integer.parseInt(link.getFileName().toString()))
          .filter(descriptor -> isAt(descriptor, socket.getLocalPort()))
          .findFirst()
          .orElseThrow();
    }
  }

  private static boolean isAt(int descriptor, int port) {
    try {
      InetSocketAddress address = new Socket(descriptor).localAddress();
      return address != null && address.getPort() == port;
    } catch (RuntimeException notASocket) {
      return false;
    }
  }
}
