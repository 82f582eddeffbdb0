package io.clutch.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.clutch.protocol.ClutchException;
import io.clutch.protocol.Reason;
import io.clutch.protocol.Started;
import io.clutch.security.TlsFiles;
import io.clutch.worker.Worker;
import io.netty.pkitesting.CertificateBuilder;
import io.netty.pkitesting.CertificateBuilder.KeyUsage;
import io.netty.pkitesting.X509Bundle;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Whom a client trusts, by which name, and what it shows of itself. */
@Timeout(60)
final class SecureClientTest {

  private static final Duration SHORT = Duration.ofMillis(800);
  private static final String TOKEN = "web-token-0123456789";

  @TempDir private Path folder;
  private X509Bundle authority;
  private TlsFiles trusting;

  @BeforeEach
  void issue() throws Exception {
    authority =
        new CertificateBuilder()
            .ecp256()
            .subject("CN=authority")
            .setIsCertificateAuthority(true)
            .setKeyUsage(true, KeyUsage.keyCertSign)
            .buildSelfSigned();
    trusting =
        TlsFiles.trust(Files.writeString(folder.resolve("ca.pem"), authority.getCertificatePEM()));
  }

  private static CertificateBuilder certificate() {
    return new CertificateBuilder().ecp256().subject("CN=worker");
  }

  private Worker worker(String name, CertificateBuilder certificate) throws Exception {
    X509Bundle bundle = certificate.buildIssuedBy(authority);
    return Worker.builder()
        .address("127.0.0.1:0")
        .tls(
            TlsFiles.identity(
                Files.writeString(folder.resolve(name + ".pem"), bundle.getCertificatePEM()),
                Files.writeString(folder.resolve(name + "-key.pem"), bundle.getPrivateKeyPEM())))
        .function("name", () -> name)
        .build()
        .start();
  }

  private static String at(String host, Worker worker) {
    return host + ":" + worker.address().port();
  }

  @Test
  void eachServersCertificateIsToBeItsOwn() throws Exception {
    try (Worker byName = worker("by name", certificate().addSanDnsName("localhost"));
        Worker byAddress = worker("by address", certificate().addSanIpAddress("127.0.0.1"));
        ClutchClient client =
            ClutchClient.builder()
                .servers(at("localhost", byName), at("127.0.0.1", byAddress))
                .tls(trusting)
                .build()) {
      Set<String> answers = new TreeSet<>();
      for (int i = 0; i < 1_000 && answers.size() < 2; i++) {
        answers.add(client.request("name", null, String.class));
      }
      assertThat(answers).containsExactly("by address", "by name");
    }
  }

  @Test
  void aCertificateOfAnotherNameIsRefusedAndTheErrorSaysSo() throws Exception {
    try (Worker worker = worker("worker", certificate().addSanDnsName("worker.example"));
        ClutchClient client =
            ClutchClient.builder()
                .servers(at("localhost", worker))
                .tls(trusting)
                .timeout(SHORT)
                .build()) {
      ClutchException failure =
          Failures.saying("certificate", () -> client.request("name", null, String.class));

      assertThat(failure.reason()).isEqualTo(Reason.UNAVAILABLE);
      assertThat(failure.started()).isEqualTo(Started.NO);
      assertThat(failure).hasMessageContaining("its certificate is for another name");
    }
  }

  @Test
  void theNameMayBeAnotherThanInTheAddresses() throws Exception {
    try (Worker one = worker("one", certificate().addSanDnsName("worker.example"));
        ClutchClient client =
            ClutchClient.builder()
                .servers(at("127.0.0.1", one))
                .tls(trusting)
                .authority("worker.example")
                .build()) {
      assertThat(client.request("name", null, String.class)).isEqualTo("one");
    }
    try (Worker one = worker("one", certificate().addSanIpAddress("::1"));
        ClutchClient client =
            ClutchClient.builder()
                .servers(at("127.0.0.1", one))
                .tls(trusting)
                .authority("[::1]")
                .build()) {
      assertThat(client.request("name", null, String.class)).isEqualTo("one");
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", " ", "worker.example:9501", "::1", "[::1]:1", "a b", "me@worker", "a/b"})
  void aNameThatIsNoneIsRefused(String name) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> ClutchClient.builder().authority(name))
        .withMessage("authority is '%s': want a host without a port, such as worker.example", name);
  }

  @Test
  void theTokenIsShownWithEveryCall() throws Exception {
    Path tokens = Files.writeString(folder.resolve("tokens"), "web " + TOKEN);
    Path token = Files.writeString(folder.resolve("token"), TOKEN);
    Path wrong = Files.writeString(folder.resolve("wrong"), "wrong-token-0123456789");
    try (Worker worker =
            Worker.builder()
                .address("127.0.0.1:0")
                .tokens(tokens)
                .function("who", Void.class, (nothing, call) -> call.identity().toString())
                .build()
                .start();
        ClutchClient client = client(worker).token(token).build();
        ClutchClient stranger = client(worker).build();
        ClutchClient liar = client(worker).token(wrong).build()) {
      assertThat(client.request("who", null, String.class)).isEqualTo("token:web");

      for (ClutchClient other : new ClutchClient[] {stranger, liar}) {
        ClutchException failure = Failures.of(() -> other.request("who", null, String.class));
        assertThat(failure.reason()).isEqualTo(Reason.UNAUTHENTICATED);
        assertThat(failure.started()).isEqualTo(Started.NO);
        assertThat(failure).hasMessageContaining("token");
      }
    }
  }

  private static ClutchClient.Builder client(Worker worker) {
    return ClutchClient.builder().servers(worker.address().toString());
  }

  @Test
  void filesOfNoUseAreNamedWhenTheClientIsBuilt() throws IOException {
    Path nowhere = folder.resolve("nowhere");
    assertThatThrownBy(() -> ClutchClient.builder().token(nowhere).build())
        .isInstanceOf(UncheckedIOException.class)
        .hasMessage("there is no file " + nowhere);

    Path garbage = Files.writeString(folder.resolve("garbage"), "garbage");
    assertThatThrownBy(() -> ClutchClient.builder().tls(TlsFiles.trust(garbage)).build())
        .isInstanceOf(UncheckedIOException.class)
        .hasMessageContaining(garbage + " holds no certificate");
  }
}
