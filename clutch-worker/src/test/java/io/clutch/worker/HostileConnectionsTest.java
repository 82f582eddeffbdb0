package io.clutch.worker;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Connections that don't speak the protocol, or stop speaking. */
class HostileConnectionsTest {

  private static final String HTTP2_PREFACE = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
  private static final String EMPTY_SETTINGS = "\0\0\0\4\0\0\0\0\0";

  private final List<Socket> sockets = new ArrayList<>();
  private Worker worker;

  @BeforeEach
  void serve() throws IOException {
    worker = Worker.builder().address("127.0.0.1:0").function("one", () -> 1).build().start();
  }

  @AfterEach
  void stop() throws IOException {
    for (Socket socket : sockets) {
      socket.close();
    }
    worker.close();
  }

  private Socket connect(String bytes) throws IOException {
    Socket socket = new Socket(worker.address().host(), worker.address().port());
    sockets.add(socket);
    socket.getOutputStream().write(bytes.getBytes(StandardCharsets.ISO_8859_1));
    socket.getOutputStream().flush();
    return socket;
  }

  private void assertServes() throws InterruptedException {
    try (TestCaller caller = new TestCaller(worker)) {
      assertThat(caller.call("one", null, Integer.class)).isEqualTo(1);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "garbage that is no protocol at all",
        "GET / HTTP/1.1\r\nHost: x\r\n\r\n",
        "PRI * HTT",
        HTTP2_PREFACE,
        HTTP2_PREFACE + EMPTY_SETTINGS,
        HTTP2_PREFACE + EMPTY_SETTINGS + "\u00ff\u00ff\u00ff\1\5\0\0\0\1trailing garbage"
      })
  void openConnectionsOfThatKindDisturbNeitherCallsNorTheEnd(String bytes) throws Exception {
    for (int i = 0; i < 20; i++) {
      Socket unused = connect(bytes);
    }

    assertServes();
    long start = System.nanoTime();
    worker.close();
    assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(8));
  }

  @Test
  void abruptlyClosedConnectionsAreForgotten() throws Exception {
    for (int i = 0; i < 200; i++) {
      Socket socket = connect(HTTP2_PREFACE + EMPTY_SETTINGS);
      socket.setSoLinger(true, 0);
      socket.close();
    }
    assertServes();
  }
}
