package io.clutch.client;

import io.clutch.protocol.ServerAddress;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;

/** Ports of this machine. */
final class Ports {

  private Ports() {}

  /** A port on which nobody listens, as an address. */
  static String unusedAddress() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return new ServerAddress(socket.getInetAddress().getHostAddress(), socket.getLocalPort())
          .toString();
    }
  }
}
