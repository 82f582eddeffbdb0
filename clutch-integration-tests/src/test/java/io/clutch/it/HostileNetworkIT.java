package io.clutch.it;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.google.common.io.BaseEncoding;
import com.sun.management.UnixOperatingSystemMXBean;
import io.clutch.client.ClutchClient;
import io.clutch.it.ClutchProcesses.Running;
import io.clutch.protocol.ClutchException;
import io.clutch.protocol.Reason;
import io.clutch.security.TlsFiles;
import java.io.IOException;
import java.io.InputStream;
import java.lang.management.ManagementFactory;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.assertj.core.api.Assertions;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * A network that wants to do harm: to a worker in plaintext and to one with TLS, both with a small
 * heap. They serve on, and don't grow.
 */
@Timeout(180)
final class HostileNetworkIT {

  private static final int HALF_OPEN = 10_000;
  private static final int FLOOD = 60_000;

  /** How much a worker may grow in all this: less than a thousandth of what it is sent. */
  private static final long MOST_GROWTH_KIB = 96 * 1024;

  /** What scanners say to find out who listens. */
  private static final List<byte[]> PROBES =
      List.of(
          ascii("GET / HTTP/1.0\r\n\r\n"),
          ascii("OPTIONS * RTSP/1.0\r\n\r\n"),
          ascii("SSH-2.0-probe\r\n"),
          ascii("EHLO probe\r\n"),
          ascii("\r\n\r\n"),
          ascii("HELP\r\n"),
          // The beginnings of SSL 2, of SMB, of RDP and of a DNS query.
          hex("802e0100020015000000100100800200800300800400800500800600400700c0"),
          hex("000000a4ff534d4272000000000801400000000000000000"),
          hex("0300000b06e00000000000"),
          hex("001e0006010000010000000000000776657273696f6e0462696e640000100003"),
          new byte[1024]);

  /** SSL 3, TLS 1.0 and 1.1. */
  private static final List<String> OLD_VERSIONS = List.of("0300", "0301", "0302");

  private static final ClutchProcesses clutch =
      ClutchProcesses.quick()
          .withJavaOptions("-Xmx48m -XX:MaxDirectMemorySize=32m")
          .with("CLUTCH_CONNECTION_TIMEOUT", "2s");

  private static Running plain;
  private static Running tls;
  private static ClutchClient plainClient;
  private static ClutchClient tlsClient;
  private static Path authorities;
  private static long plainBefore;
  private static long tlsBefore;

  private final List<Socket> sockets = new ArrayList<>();

  @BeforeAll
  static void start() throws Exception {
    Pki pki = Pki.create(clutch.temporaryFolder());
    Pki.Pem worker = pki.server("worker");
    plain = clutch.demoWorker();
    tls =
        clutch.start(
            "worker",
            "--address",
            "127.0.0.1:0",
            "--tls-certificate",
            worker.certificate().toString(),
            "--tls-key",
            worker.key().toString(),
            "--main",
            ClutchProcesses.DEMO_WORKER);
    tls.awaitReady();
    authorities = pki.authorities();
    plainClient = client(plain);
    tlsClient = client(tls);
    serve();
    plainBefore = residentKib(plain);
    tlsBefore = residentKib(tls);
  }

  @AfterAll
  static void stop() throws IOException {
    tlsClient.close();
    plainClient.close();
    clutch.close();
  }

  @AfterEach
  void closeSockets() throws IOException {
    for (Socket socket : sockets) {
      socket.close();
    }
  }

  @Test
  void tenThousandHalfOpenConnectionsKeepOutNobody() throws Exception {
    for (Running worker : List.of(plain, tls)) {
      open(worker, most() / 2);
      // Not over connections that were there before.
      try (ClutchClient late = client(worker)) {
        assertThat(late.request("identity", 1, int.class)).isEqualTo(1);
      }
    }

    serveOn();
  }

  @Test
  void whoNeverSaysAnythingIsHungUpOn() throws Exception {
    Socket plainSocket = connect(plain);
    Socket tlsSocket = connect(tls);

    assertThat(isClosed(plainSocket, Duration.ofSeconds(40))).isTrue();
    assertThat(isClosed(tlsSocket, Duration.ofSeconds(40))).isTrue();
  }

  @Test
  void aFloodOfPingsEndsItsConnection() throws Exception {
    try (RawHttp2 flood = new RawHttp2(plain.port())) {
      flood(flood, flood::ping);
      await().atMost(Duration.ofSeconds(40)).until(flood::isClosed);
    }

    serveOn();
  }

  @Test
  void aFloodOfResetsEndsItsConnection() throws Exception {
    try (RawHttp2 flood = new RawHttp2(plain.port())) {
      flood(flood, flood::beginAndReset);
      await().atMost(Duration.ofSeconds(40)).until(flood::isClosed);
    }

    serveOn();
  }

  @Test
  void aFloodOfCallsThatNeverComeIsBounded() throws Exception {
    List<RawHttp2> floods = new ArrayList<>();
    try {
      for (int i = 0; i < 5; i++) {
        RawHttp2 flood = new RawHttp2(plain.port());
        floods.add(flood);
        for (int call = 0; call < 5_000; call++) {
          flood.begin();
        }
      }
      serveOn();
    } catch (SocketException e) {
      // Hung up on, which will do as well.
      serveOn();
    } finally {
      for (RawHttp2 flood : floods) {
        flood.close();
      }
    }
  }

  @Test
  void probesLearnNothingAndDoNoHarm() throws Exception {
    for (Running worker : List.of(plain, tls)) {
      for (byte[] probe : PROBES) {
        Socket socket = connect(worker);
        say(socket, probe);
      }
    }
    // Answered or not, in the end they are hung up on.
    for (Socket socket : sockets) {
      assertThat(isClosed(socket, Duration.ofSeconds(40))).isTrue();
    }

    serveOn();
  }

  @Test
  void oldVersionsOfTlsAreRefused() throws Exception {
    for (String version : OLD_VERSIONS) {
      Socket socket = connect(tls);
      say(socket, clientHello(version));

      byte[] alert = socket.getInputStream().readNBytes(7);

      // An alert (21), fatal (2): protocol_version (70).
      assertThat(alert).hasSize(7);
      assertThat(alert[0]).isEqualTo((byte) 21);
      assertThat(alert[5]).isEqualTo((byte) 2);
      assertThat(alert[6]).isEqualTo((byte) 70);
    }
  }

  @Test
  void plaintextOnAPortWithTlsIsAClearError() {
    try (ClutchClient wrong =
        ClutchClient.builder().servers(tls.address()).timeout(Duration.ofSeconds(2)).build()) {
      Assertions.assertThatThrownBy(() -> wrong.request("identity", 1, int.class))
          .isInstanceOfSatisfying(
              ClutchException.class,
              failure -> {
                assertThat(failure.reason()).isEqualTo(Reason.UNAVAILABLE);
                assertThat(failure).hasMessageContaining("it may want TLS");
              });
    }
  }

  private void open(Running worker, int number) throws IOException {
    for (int i = 0; i < number; i++) {
      Socket socket = connect(worker);
      if (i % 2 == 0) {
        say(socket, ascii("PRI * HTTP/2.0"));
      }
    }
  }

  /** As many sockets as this process may have. */
  private static int most() {
    long allowed =
        ManagementFactory.getOperatingSystemMXBean() instanceof UnixOperatingSystemMXBean system
            ? system.getMaxFileDescriptorCount() - system.getOpenFileDescriptorCount()
            : 1_000;
    return (int) Math.min(HALF_OPEN, allowed - 500);
  }

  private static ClutchClient client(Running worker) {
    ClutchClient.Builder client =
        ClutchClient.builder().servers(worker.address()).timeout(Duration.ofSeconds(60));
    return worker == tls ? client.tls(TlsFiles.trust(authorities)).build() : client.build();
  }

  @FunctionalInterface
  private interface Flood {
    void send() throws IOException;
  }

  private static void flood(RawHttp2 connection, Flood flood) throws IOException {
    try {
      for (int i = 0; i < FLOOD && (i % 1_000 != 0 || !connection.isClosed()); i++) {
        flood.send();
      }
    } catch (SocketException e) {
      // Hung up on.
    }
  }

  private static void serve() {
    assertThat(plainClient.request("identity", 1, int.class)).isEqualTo(1);
    assertThat(tlsClient.request("identity", 1, int.class)).isEqualTo(1);
  }

  private static void serveOn() throws IOException {
    serve();
    assertThat(residentKib(plain) - plainBefore).as("growth").isLessThan(MOST_GROWTH_KIB);
    assertThat(residentKib(tls) - tlsBefore).as("growth with TLS").isLessThan(MOST_GROWTH_KIB);
  }

  private static long residentKib(Running worker) throws IOException {
    return Files.readAllLines(Path.of("/proc/%d/status".formatted(worker.pid()))).stream()
        .filter(line -> line.startsWith("VmRSS:"))
        .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")))
        .findFirst()
        .orElseThrow();
  }

  private Socket connect(Running worker) throws IOException {
    Socket socket = new Socket(InetAddress.getLoopbackAddress(), worker.port());
    sockets.add(socket);
    return socket;
  }

  private static void say(Socket socket, byte[] words) {
    try {
      socket.getOutputStream().write(words);
    } catch (IOException e) {
      // Hung up on before the last word.
    }
  }

  /** Whether the other side hangs up, after whatever it says. */
  private static boolean isClosed(Socket socket, Duration atMost) throws IOException {
    socket.setSoTimeout((int) atMost.toMillis());
    try (InputStream in = socket.getInputStream()) {
      in.readAllBytes();
      return true;
    } catch (SocketTimeoutException e) {
      return false;
    } catch (IOException e) {
      return true;
    }
  }

  /** A greeting that knows one version, and two suites of its time. */
  private static byte[] clientHello(String version) {
    String body = version + "00".repeat(32) + "00" + "0004" + "002f0035" + "01" + "00";
    String hello = "01" + length(body, 6) + body;
    return hex("16" + "0301" + length(hello, 4) + hello);
  }

  private static String length(String hex, int digits) {
    return ("%0" + digits + "x").formatted(hex.length() / 2);
  }

  private static byte[] ascii(String text) {
    return text.getBytes(US_ASCII);
  }

  private static byte[] hex(String digits) {
    return BaseEncoding.base16().ignoreCase().decode(digits);
  }
}
