package io.clutch.it;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.ByteArrayOutputStream;
import java.io.Closeable;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;

/** An HTTP/2 client in plaintext that says what it likes, frame by frame (RFC 9113). */
final class RawHttp2 implements Closeable {

  private static final byte[] PREFACE = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".getBytes(US_ASCII);

  private static final int HEADERS = 1;
  private static final int RST_STREAM = 3;
  private static final int SETTINGS = 4;
  private static final int PING = 6;
  private static final int END_HEADERS = 4;
  private static final int CANCEL = 8;

  private final Socket socket;
  private final OutputStream out;

  private int lastStream = -1;

  RawHttp2(int port) throws IOException {
    socket = new Socket(InetAddress.getLoopbackAddress(), port);
    // Nobody reads, so the other side must not wait for that either.
    socket.setReceiveBufferSize(1 << 20);
    out = socket.getOutputStream();
    out.write(PREFACE);
    out.write(frame(SETTINGS, 0, 0, new byte[0]));
  }

  /** Asks whether the other side is there. */
  void ping() throws IOException {
    out.write(frame(PING, 0, 0, new byte[8]));
  }

  /** Begins a call of a function, and gives it up at once. */
  void beginAndReset() throws IOException {
    lastStream += 2;
    ByteArrayOutputStream both = new ByteArrayOutputStream();
    both.write(frame(HEADERS, END_HEADERS, lastStream, callHeaders()));
    both.write(frame(RST_STREAM, 0, lastStream, ByteBuffer.allocate(4).putInt(CANCEL).array()));
    out.write(both.toByteArray());
  }

  /** Begins a call of a function without ever sending its request. */
  void begin() throws IOException {
    lastStream += 2;
    out.write(frame(HEADERS, END_HEADERS, lastStream, callHeaders()));
  }

  /** Whether the other side has hung up. */
  boolean isClosed() throws IOException {
    socket.setSoTimeout(1);
    byte[] buffer = new byte[64 * 1024];
    try {
      while (socket.getInputStream().read(buffer) >= 0) {
        // What it says does not matter.
      }
      return true;
    } catch (SocketTimeoutException e) {
      return false;
    } catch (IOException e) {
      return true;
    }
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }

  private static byte[] frame(int type, int flags, int stream, byte[] payload) {
    return ByteBuffer.allocate(9 + payload.length)
        .put((byte) (payload.length >> 16))
        .putShort((short) payload.length)
        .put((byte) type)
        .put((byte) flags)
        .putInt(stream)
        .put(payload)
        .array();
  }

  /** In HPACK (RFC 7541), without its tables but for the static one. */
  private static byte[] callHeaders() {
    ByteArrayOutputStream headers = new ByteArrayOutputStream();
    headers.write(0x83); // :method POST
    headers.write(0x86); // :scheme http
    headers.write(0x04); // :path
    text(headers, "/clutch.v1.Worker/Call");
    headers.write(0x01); // :authority
    text(headers, "localhost");
    headers.write(0x0f); // content-type, number 31
    headers.write(0x10);
    text(headers, "application/grpc");
    headers.write(0x00);
    text(headers, "te");
    text(headers, "trailers");
    return headers.toByteArray();
  }

  private static void text(ByteArrayOutputStream headers, String text) {
    headers.write(text.length());
    headers.writeBytes(text.getBytes(US_ASCII));
  }
}
