package io.clutch.durable.internal.postgres;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicReference;

/** Between a store and its database: cuts a connection when it is asked to commit. */
final class CutProxy implements AutoCloseable {

  /** When to cut. */
  enum Cut {
    NEVER,
    BEFORE_COMMIT,
    AFTER_COMMIT
  }

  private final ServerSocket listening;
  private final int port;
  private final AtomicReference<Cut> next = new AtomicReference<>(Cut.NEVER);
  private final List<Socket> sockets = new CopyOnWriteArrayList<>();

  CutProxy(int port) throws IOException {
    this.port = port;
    this.listening = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    start(this::accept);
  }

  int port() {
    return listening.getLocalPort();
  }

  /** Of the next commit: whether it is cut before or after the server has heard of it. */
  void cut(Cut cut) {
    next.set(cut);
  }

  private static void start(Runnable work) {
    Thread thread = new Thread(work, "cut-proxy");
    thread.setDaemon(true);
    thread.start();
  }

  private void accept() {
    try {
      while (true) {
        Socket client = listening.accept();
        Socket server = new Socket(InetAddress.getLoopbackAddress(), port);
        client.setTcpNoDelay(true);
        server.setTcpNoDelay(true);
        sockets.add(client);
        sockets.add(server);
        start(() -> forward(client, server));
        start(() -> back(server, client));
      }
    } catch (IOException e) {
      // Closed.
    }
  }

  private void forward(Socket client, Socket server) {
    byte[] buffer = new byte[1 << 16];
    String name = "";
    try (client;
        server) {
      InputStream in = client.getInputStream();
      OutputStream out = server.getOutputStream();
      for (int n = in.read(buffer); n > 0; n = in.read(buffer)) {
        String text = new String(buffer, 0, n, StandardCharsets.ISO_8859_1);
        int at = text.indexOf("COMMIT\0");
        if (at > 0) {
          // From now on it goes by the name that it is given here.
          name = text.substring(text.lastIndexOf("S_", at), at);
        }
        boolean commits = !name.isEmpty() && text.contains("\0" + name);
        Cut cut = commits ? next.getAndSet(Cut.NEVER) : Cut.NEVER;
        if (cut == Cut.BEFORE_COMMIT) {
          return;
        }
        if (cut == Cut.AFTER_COMMIT) {
          // The client hears nothing of it; the server has the end of the stream after it.
          client.close();
          out.write(buffer, 0, n);
          server.shutdownOutput();
          while (server.getInputStream().read(buffer) > 0) {}
          return;
        }
        out.write(buffer, 0, n);
      }
    } catch (IOException e) {
      // Cut.
    }
  }

  private static void back(Socket server, Socket client) {
    byte[] buffer = new byte[1 << 16];
    try {
      InputStream in = server.getInputStream();
      OutputStream out = client.getOutputStream();
      for (int n = in.read(buffer); n > 0; n = in.read(buffer)) {
        out.write(buffer, 0, n);
      }
      client.close();
    } catch (IOException e) {
      // Cut.
    }
  }

  @Override
  public void close() throws IOException {
    listening.close();
    for (Socket socket : sockets) {
      socket.close();
    }
  }
}
