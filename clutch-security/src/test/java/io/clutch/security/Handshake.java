package io.clutch.security;

import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.handler.ssl.SslContext;
import java.nio.ByteBuffer;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLEngineResult;
import javax.net.ssl.SSLEngineResult.HandshakeStatus;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSession;

/** A TLS handshake without a network. */
final class Handshake {

  private static final int ENOUGH = 64 * 1024;

  private final SSLEngine client;
  private final SSLEngine server;

  private Handshake(SSLEngine client, SSLEngine server) {
    this.client = client;
    this.server = server;
  }

  /**
   * Shakes hands.
   *
   * @return the server's session
   * @throws SSLException where one side does not accept the other
   */
  static SSLSession between(SslContext client, SslContext server) throws SSLException {
    SSLEngine one = client.newEngine(UnpooledByteBufAllocator.DEFAULT, "localhost", 1);
    SSLParameters parameters = one.getSSLParameters();
    parameters.setEndpointIdentificationAlgorithm("HTTPS");
    one.setSSLParameters(parameters);
    Handshake handshake = new Handshake(one, server.newEngine(UnpooledByteBufAllocator.DEFAULT));
    handshake.run();
    return handshake.server.getSession();
  }

  private void run() throws SSLException {
    client.beginHandshake();
    server.beginHandshake();
    ByteBuffer toServer = ByteBuffer.allocate(ENOUGH);
    ByteBuffer toClient = ByteBuffer.allocate(ENOUGH);
    // What the client says last may be refused after it thinks that all is done.
    for (int quietRounds = 0; quietRounds < 3; ) {
      boolean moved = write(client, toServer);
      moved |= read(server, toServer);
      moved |= write(server, toClient);
      moved |= read(client, toClient);
      quietRounds = moved ? 0 : quietRounds + 1;
    }
    if (isHandshaking(client) || isHandshaking(server)) {
      throw new SSLException("the handshake does not come to its end");
    }
  }

  private static boolean isHandshaking(SSLEngine engine) {
    return engine.getHandshakeStatus() != HandshakeStatus.NOT_HANDSHAKING
        && engine.getHandshakeStatus() != HandshakeStatus.FINISHED;
  }

  private static boolean write(SSLEngine engine, ByteBuffer out) throws SSLException {
    boolean moved = false;
    while (engine.getHandshakeStatus() == HandshakeStatus.NEED_WRAP) {
      SSLEngineResult result = engine.wrap(ByteBuffer.allocate(0), out);
      runTasks(engine);
      if (result.bytesProduced() == 0) {
        break;
      }
      moved = true;
    }
    return moved;
  }

  private static boolean read(SSLEngine engine, ByteBuffer in) throws SSLException {
    boolean moved = false;
    in.flip();
    while (in.hasRemaining()) {
      SSLEngineResult result = engine.unwrap(in, ByteBuffer.allocate(ENOUGH));
      runTasks(engine);
      if (result.bytesConsumed() == 0
          && engine.getHandshakeStatus() != HandshakeStatus.NEED_UNWRAP) {
        break;
      }
      moved |= result.bytesConsumed() > 0;
    }
    in.compact();
    return moved;
  }

  private static void runTasks(SSLEngine engine) {
    for (Runnable task = engine.getDelegatedTask();
        task != null;
        task = engine.getDelegatedTask()) {
      task.run();
    }
  }
}
