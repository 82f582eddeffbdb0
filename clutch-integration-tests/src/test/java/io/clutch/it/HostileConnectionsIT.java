package io.clutch.it;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;
import static org.awaitility.Awaitility.await;

import com.google.common.base.Stopwatch;
import io.clutch.client.ClutchClient;
import io.clutch.it.ClutchProcesses.Running;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Connections of those who do not speak the protocol, or stop to. */
@Timeout(180)
final class HostileConnectionsIT {

  private static final int MANY = 200;
  private static final byte[] PREFACE = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".getBytes(US_ASCII);

  @AutoClose private final ClutchProcesses clutch = ClutchProcesses.quick();
  @AutoClose private ClutchClient client;
  private final List<Socket> sockets = new ArrayList<>();
  private Running worker;
  private long descriptorsBefore;

  @BeforeEach
  void start() throws IOException {
    worker = clutch.demoWorker();
    client = worker.client();
    serves();
    assumeThat(Files.isDirectory(descriptors())).isTrue();
    descriptorsBefore = countDescriptors();
  }

  @AfterEach
  void closeSockets() throws IOException {
    for (Socket socket : sockets) {
      socket.close();
    }
  }

  @Test
  void garbageLeavesTheWorkerServing() throws IOException {
    long seed = System.nanoTime();
    Random random = new Random(seed);
    for (int i = 0; i < MANY; i++) {
      byte[] garbage = new byte[1 + random.nextInt(2_000)];
      random.nextBytes(garbage);
      send(garbage);
    }
    // Garbage behind a good start.
    for (int i = 0; i < MANY; i++) {
      byte[] garbage = new byte[PREFACE.length + 100];
      random.nextBytes(garbage);
      System.arraycopy(PREFACE, 0, garbage, 0, PREFACE.length);
      send(garbage);
    }

    serves();
    closeSockets();
    recovers();
  }

  @Test
  void http1LeavesTheWorkerServing() throws IOException {
    for (int i = 0; i < MANY; i++) {
      send(
          "GET / HTTP/1.1\r\nHost: localhost\r\nConnection: keep-alive\r\n\r\n".getBytes(US_ASCII));
    }

    serves();
    closeSockets();
    recovers();
  }

  @Test
  void abruptlyClosedConnectionsLeaveTheWorkerServing() throws IOException {
    for (int i = 0; i < MANY; i++) {
      Socket socket = connect();
      socket.getOutputStream().write(PREFACE, 0, i % PREFACE.length);
      socket.setSoLinger(true, 0);
      socket.close();
    }

    serves();
    recovers();
  }

  @Test
  void halfOpenConnectionsHoldUpNeitherCallsNorTheEnd() throws IOException {
    for (int i = 0; i < MANY; i++) {
      Socket socket = connect();
      socket.getOutputStream().write(PREFACE, 0, i % (PREFACE.length + 1));
    }
    for (int i = 0; i < MANY; i++) {
      Socket socket = connect();
      socket.getOutputStream().write(PREFACE);
      // An empty SETTINGS frame, and then silence.
      socket.getOutputStream().write(new byte[] {0, 0, 0, 4, 0, 0, 0, 0, 0});
    }
    serves();

    Stopwatch stopwatch = Stopwatch.createStarted();
    client.close();
    assertThat(worker.stop()).isZero();
    assertThat(stopwatch.elapsed()).isLessThan(Duration.ofSeconds(20));
  }

  private void serves() {
    assertThat(client.request("echo", "still here", String.class))
        .isEqualTo(worker.pid() + ":still here");
  }

  private void recovers() {
    await()
        .atMost(Duration.ofSeconds(40))
        .until(() -> countDescriptors() <= descriptorsBefore + 10);
    serves();
    client.close();
    Stopwatch stopwatch = Stopwatch.createStarted();
    assertThat(worker.stop()).isZero();
    assertThat(stopwatch.elapsed()).isLessThan(Duration.ofSeconds(20));
  }

  private Socket connect() throws IOException {
    Socket socket = new Socket(InetAddress.getLoopbackAddress(), worker.port());
    sockets.add(socket);
    return socket;
  }

  /** Sends something to a worker that may well hang up in the middle of it. */
  private void send(byte[] bytes) throws IOException {
    Socket socket = connect();
    try {
      socket.getOutputStream().write(bytes);
    } catch (IOException e) {
      socket.close();
    }
  }

  private Path descriptors() {
    return Path.of("/proc", String.valueOf(worker.pid()), "fd");
  }

  private long countDescriptors() throws IOException {
    try (Stream<Path> open = Files.list(descriptors())) {
      return open.count();
    }
  }
}
