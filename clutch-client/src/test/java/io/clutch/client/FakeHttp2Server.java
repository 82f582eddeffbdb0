package io.clutch.client;

import io.clutch.protocol.ServerAddress;
import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * As much of an HTTP/2 server (RFC 9113) as it takes to shake hands, and to answer each new stream
 * in a way that real servers rarely do.
 */
final class FakeHttp2Server implements AutoCloseable {

  static final int NO_ERROR = 0x0;
  static final int REFUSED_STREAM = 0x7;

  private static final int PREFACE_LENGTH = 24;
  private static final int HEADERS = 0x1;
  private static final int RST_STREAM = 0x3;
  private static final int SETTINGS = 0x4;
  private static final int PING = 0x6;
  private static final int GOAWAY = 0x7;
  private static final int ACK = 0x1;

  /** What happens to a stream. */
  interface Reaction {
    void onStream(Connection connection, int stream) throws IOException;
  }

  private final ServerSocket listener;
  private final Reaction reaction;
  private final AtomicInteger streams = new AtomicInteger();

  FakeHttp2Server(Reaction reaction) throws IOException {
    this.reaction = reaction;
    this.listener = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    thread(this::accept);
  }

  String address() {
    return new ServerAddress(listener.getInetAddress().getHostAddress(), listener.getLocalPort())
        .toString();
  }

  /** How many streams it has seen. */
  int streams() {
    return streams.get();
  }

  @Override
  public void close() throws IOException {
    listener.close();
  }

  private void accept() {
    try {
      while (true) {
        Socket socket = listener.accept();
        thread(() -> serve(socket));
      }
    } catch (IOException e) {
      // Closed.
      return;
    }
  }

  private void serve(Socket socket) {
    try (socket) {
      Connection connection = new Connection(socket);
      DataInputStream in = new DataInputStream(socket.getInputStream());
      in.skipNBytes(PREFACE_LENGTH);
      connection.frame(SETTINGS, 0, 0);
      while (!socket.isClosed()) {
        int length = in.readUnsignedByte() << 16 | in.readUnsignedShort();
        int type = in.readUnsignedByte();
        int flags = in.readUnsignedByte();
        int stream = in.readInt();
        byte[] body = in.readNBytes(length);
        if (type == SETTINGS && (flags & ACK) == 0) {
          connection.frame(SETTINGS, ACK, 0);
        } else if (type == PING && (flags & ACK) == 0) {
          connection.frame(PING, ACK, 0, body);
        } else if (type == HEADERS) {
          streams.incrementAndGet();
          reaction.onStream(connection, stream);
        }
      }
    } catch (IOException e) {
      // The client has gone, or the reaction was to cut the connection.
      return;
    }
  }

  private static void thread(Runnable task) {
    Thread thread = new Thread(task, "fake-http2");
    thread.setDaemon(true);
    thread.start();
  }

  /** One client's connection. */
  static final class Connection {
    private final Socket socket;
    private final DataOutputStream out;

    private Connection(Socket socket) throws IOException {
      this.socket = socket;
      // Answers without waiting for more to send.
      socket.setTcpNoDelay(true);
      this.out = new DataOutputStream(new BufferedOutputStream(socket.getOutputStream()));
    }

    void resetStream(int stream, int error) throws IOException {
      frame(RST_STREAM, 0, stream, 0, 0, 0, error);
    }

    void goAway(int lastStream, int error) throws IOException {
      frame(GOAWAY, 0, 0, 0, 0, 0, lastStream, 0, 0, 0, error);
    }

    /**
     * Says nothing more. Goes on to read, for a connection closed over unread bytes is reset, and
     * what was sent last may be lost with it.
     */
    void finish() throws IOException {
      socket.shutdownOutput();
    }

    void cut() throws IOException {
      socket.close();
    }

    private void frame(int type, int flags, int stream, int... body) throws IOException {
      byte[] bytes = new byte[body.length];
      for (int i = 0; i < body.length; i++) {
        bytes[i] = (byte) body[i];
      }
      frame(type, flags, stream, bytes);
    }

    private void frame(int type, int flags, int stream, byte[] body) throws IOException {
      out.writeByte(body.length >> 16);
      out.writeShort(body.length);
      out.writeByte(type);
      out.writeByte(flags);
      out.writeInt(stream);
      out.write(body);
      out.flush();
    }
  }
}
