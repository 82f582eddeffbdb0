package io.clutch.client;

import io.clutch.protocol.ServerAddress;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;

/** A server that can be connected to, and then never says a word. */
final class SilentServer implements AutoCloseable {

  private final ServerSocket listener;

  SilentServer() throws IOException {
    // Nobody accepts: the system connects on its behalf.
    listener = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
  }

  String address() {
    return new ServerAddress(listener.getInetAddress().getHostAddress(), listener.getLocalPort())
        .toString();
  }

  @Override
  public void close() throws IOException {
    listener.close();
  }
}
