package io.clutch.client;

import io.clutch.protocol.ServerAddress;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;

/** A wire between a client and a worker that can be cut. */
final class Relay implements AutoCloseable {

  private final ServerSocket listener;
  private volatile int port;
  private final Queue<Socket> sockets = new ConcurrentLinkedQueue<>();

  Relay(int port) throws IOException {
    this.port = port;
    this.listener = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    thread(this::accept);
  }

  String address() {
    return new ServerAddress(listener.getInetAddress().getHostAddress(), listener.getLocalPort())
        .toString();
  }

  /** New connections lead there. */
  void leadTo(int newPort) {
    port = newPort;
  }

  /** Resets every connection; new ones may follow. */
  void cut() {
    for (Socket socket = sockets.poll(); socket != null; socket = sockets.poll()) {
      reset(socket);
    }
  }

  @Override
  public void close() throws IOException {
    listener.close();
    cut();
  }

  private void accept() {
    try {
      while (true) {
        Socket client = listener.accept();
        Socket worker = new Socket(InetAddress.getLoopbackAddress(), port);
        sockets.add(client);
        sockets.add(worker);
        thread(() -> copy(client, worker));
        thread(() -> copy(worker, client));
      }
    } catch (IOException e) {
      cut();
    }
  }

  private static void copy(Socket from, Socket to) {
    try {
      from.getInputStream().transferTo(to.getOutputStream());
    } catch (IOException e) {
      reset(from);
    }
    reset(to);
  }

  private static void reset(Socket socket) {
    try (socket) {
      socket.setSoLinger(true, 0);
    } catch (IOException e) {
      // It is gone already.
      return;
    }
  }

  private static void thread(Runnable task) {
    Thread thread = new Thread(task, "relay");
    thread.setDaemon(true);
    thread.start();
  }
}
