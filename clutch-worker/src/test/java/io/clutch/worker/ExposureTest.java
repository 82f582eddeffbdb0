package io.clutch.worker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import ch.qos.logback.classic.Level;
import io.clutch.process.Overrides;
import io.clutch.security.TlsFiles;
import io.netty.pkitesting.CertificateBuilder;
import io.netty.pkitesting.X509Bundle;
import java.io.IOException;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.NetworkInterface;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ExposureTest {

  private final LogCapture log = new LogCapture();

  @TempDir private Path folder;

  @AfterEach
  void close() {
    log.close();
  }

  private static Worker.Builder everywhere() {
    return new Worker.Builder(new Overrides(name -> null, name -> null), false)
        .address("0.0.0.0:0");
  }

  private static void start(Worker.Builder builder) throws IOException {
    builder.build().start().close();
  }

  private List<String> warnings() {
    return log.messages(Level.WARN);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "0.0.0.0:9501",
        "[::]:9501",
        "10.0.0.1:9501",
        "192.168.1.1:9501",
        "[2001:db8::1]:9501",
        "[fe80::1]:9501",
        "worker.example:9501",
        "localhost.example:9501"
      })
  void otherMachinesReachThese(String address) {
    assertThat(Exposure.beyondThisMachine(List.of(address))).containsExactly(address);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "127.0.0.1:9501",
        "127.1.2.3:9501",
        "[::1]:9501",
        "[::ffff:127.0.0.1]:9501",
        "localhost:9501",
        "LocalHost:9501",
        "/run/clutch/worker.sock"
      })
  void otherMachinesDoNotReachThese(String address) {
    assertThat(Exposure.beyondThisMachine(List.of(address))).isEmpty();
  }

  @Test
  void onlyThoseWithinReachAreNamed() {
    Exposure.warnOf(List.of("127.0.0.1:1", "10.0.0.1:2", "/run/x", "[::]:3"));
    Exposure.warnOf(List.of("127.0.0.1:1", "/run/x"));

    assertThat(warnings()).hasSize(1);
    assertThat(warnings().get(0)).contains("WHO REACHES 10.0.0.1:2, [::]:3 CAN CALL");
  }

  @Test
  void anOpenWorkerWarnsOnce() throws Exception {
    start(everywhere());

    assertThat(warnings()).hasSize(1);
    assertThat(warnings().get(0))
        .matches("ANYONE WHO REACHES (\\[::]|0\\.0\\.0\\.0):\\d+ CAN CALL EVERY FUNCTION.*")
        .contains("docs/security.md", "insecure()", "CLUTCH_INSECURE=true");
  }

  @Test
  void anAddressOfOneInterfaceIsNamedToo() throws Exception {
    Optional<InetAddress> local =
        NetworkInterface.networkInterfaces()
            .flatMap(NetworkInterface::inetAddresses)
            .filter(InetAddress::isLinkLocalAddress)
            .filter(Inet6Address.class::isInstance)
            .findFirst();
    assumeTrue(local.isPresent(), "no interface with a link-local address");

    start(everywhere().address("[" + local.get().getHostAddress() + "]:0"));

    assertThat(warnings()).hasSize(1);
    assertThat(warnings().get(0)).startsWith("ANYONE WHO REACHES [fe80:");
  }

  @Test
  void aWorkerOfThisMachineOnlyDoesNotWarn() throws Exception {
    start(everywhere().address("127.0.0.1:0"));

    assertThat(warnings()).isEmpty();
  }

  @Test
  void oneOfAPoolWarns() throws Exception {
    for (int slot = 1; slot <= 3; slot++) {
      Worker worker = everywhere().build();
      worker
          .start(
              new OwnListeners(worker.options().addresses()),
              new Membership(slot, 1, "pool", () -> 3, 0, () -> {}, SupervisorBell.NONE),
              error -> {})
          .close();
    }

    assertThat(warnings()).hasSize(1);
  }

  @Test
  void whoSaysThatItIsOnPurposeIsNotWarned() throws Exception {
    start(everywhere().insecure());
    start(
        new Worker.Builder(
                new Overrides(name -> null, Map.of("CLUTCH_INSECURE", "true")::get), false)
            .address("0.0.0.0:0"));

    assertThat(warnings()).isEmpty();
  }

  @Test
  void whoHasTokensOrTlsIsNotWarned() throws Exception {
    start(everywhere().tokens(Files.writeString(folder.resolve("tokens"), "")));

    X509Bundle bundle =
        new CertificateBuilder()
            .ecp256()
            .subject("CN=localhost")
            .setIsCertificateAuthority(true)
            .buildSelfSigned();
    start(
        everywhere()
            .tls(
                TlsFiles.identity(
                    Files.writeString(folder.resolve("cert"), bundle.getCertificatePEM()),
                    Files.writeString(folder.resolve("key"), bundle.getPrivateKeyPEM()))));

    assertThat(warnings()).isEmpty();
  }
}
