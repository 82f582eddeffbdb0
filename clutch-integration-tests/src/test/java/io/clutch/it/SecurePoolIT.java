package io.clutch.it;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.clutch.client.ClutchClient;
import io.clutch.security.TlsFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A pool that knows its callers, as operators run one: by the command line and by files. */
@Timeout(300)
final class SecurePoolIT {

  @AutoClose private final ClutchProcesses clutch = ClutchProcesses.quick();

  private Path folder;
  private Pki pki;

  @BeforeEach
  void make() throws Exception {
    folder = clutch.temporaryFolder();
    pki = Pki.create(Files.createDirectory(folder.resolve("pki")));
    install("worker", pki.server("worker"));
    install("client", pki.client("dns:web.example"));
    install(pki.authorities(), "authorities.pem");
  }

  @Test
  void certificatesAndAuthoritiesAreReplacedUnderLoadAndNoCallFails() throws Exception {
    PoolProcess pool = pool();
    try (PoolLoad load = new PoolLoad(() -> client(pool), 4)) {
      load.awaitMore(100, 4);

      install("worker", pki.server("worker"));
      load.awaitMore(100, 4);
      install("client", pki.client("dns:web.example"));
      load.awaitMore(100, 4);

      // Another authority, step by step; the last two lines shut out whatever is of the first one.
      Pki other = Pki.create(Files.createDirectory(folder.resolve("other")));
      Path both = folder.resolve("both.pem");
      Files.writeString(
          both, Files.readString(pki.authorities()) + Files.readString(other.authorities()));
      install(both, "authorities.pem");
      load.awaitMore(100, 4);
      install("worker", other.server("worker"));
      install("client", other.client("dns:web.example"));
      load.awaitMore(100, 4);
      // Connections of old show what they were made with: new ones take their place.
      pool.supervisor().signal("HUP");
      pool.awaitStatus(
          status ->
              status.getChildrenCount() == 2
                  && status.getChildrenList().stream()
                      .allMatch(child -> child.getGeneration() == 2));
      install(other.authorities(), "authorities.pem");
      load.awaitMore(100, 4);

      assertThat(load.failures()).isEmpty();
    }
  }

  @Test
  void theCommandLineShowsCertificatesAndTokens() throws Exception {
    Path tokens = folder.resolve("tokens");
    Files.writeString(tokens, "web good-token-of-the-web\n", UTF_8);
    Path token = folder.resolve("token");
    Files.writeString(token, "good-token-of-the-web\n", UTF_8);
    Path rules = folder.resolve("rules.json");
    Files.writeString(rules, "{\"echo\": [\"token:web\", \"dns:web.example\"]}", UTF_8);
    PoolProcess pool = pool("--tokens", tokens.toString(), "--rules", rules.toString());
    String[] call = {
      "call",
      "--servers",
      pool.address(),
      "--timeout",
      "20s",
      "--ca",
      folder.resolve("authorities.pem").toString()
    };

    ClutchProcesses.Result byToken =
        clutch.run(with(call, "--token-file", token.toString(), "--text", "echo", "hello"));
    assertThat(byToken.err()).isEmpty();
    assertThat(byToken.out()).endsWith(":hello\n");
    ClutchProcesses.Result byCertificate =
        clutch.run(
            with(
                call,
                "--certificate",
                folder.resolve("client.pem").toString(),
                "--key",
                folder.resolve("client-key.pem").toString(),
                "--text",
                "echo",
                "hello"));
    assertThat(byCertificate.out()).endsWith(":hello\n");
    ClutchProcesses.Result denied =
        clutch.run(with(call, "--token-file", token.toString(), "identity", "1"));
    assertThat(denied.exitCode()).isEqualTo(1);
    assertThat(denied.err()).contains("PERMISSION_DENIED: token:web may not call 'identity' here");
    await().untilAsserted(() -> assertThat(pool.supervisor().err()).contains("refused 'identity'"));
    assertThat(pool.supervisor().err()).doesNotContain("good-token-of-the-web");
  }

  @Test
  void filesOfNoUseAreSaidAtOnce() {
    ClutchProcesses.Result result =
        clutch.run(
            "supervise",
            "--address",
            "127.0.0.1:0",
            "--tls-certificate",
            folder.resolve("worker.pem").toString(),
            "--tls-key",
            folder.resolve("client-key.pem").toString(),
            "--main",
            ClutchProcesses.DEMO_WORKER);

    assertThat(result.exitCode()).isEqualTo(1);
    assertThat(result.err()).contains("client-key.pem is not that of the certificate in");
  }

  private PoolProcess pool(String... more) {
    return clutch.pool(
        2,
        with(
            new String[] {
              "--tls-certificate",
              folder.resolve("worker.pem").toString(),
              "--tls-key",
              folder.resolve("worker-key.pem").toString(),
              "--tls-client-ca",
              folder.resolve("authorities.pem").toString()
            },
            more));
  }

  private ClutchClient client(PoolProcess pool) {
    return ClutchClient.builder()
        .servers(pool.address())
        .timeout(PoolProcess.LIMIT)
        .tls(
            TlsFiles.identity(folder.resolve("client.pem"), folder.resolve("client-key.pem"))
                .trusting(folder.resolve("authorities.pem")))
        .build();
  }

  /** Puts a certificate and its key in place, one after the other. */
  private void install(String name, Pki.Pem pem) throws IOException {
    install(pem.certificate(), name + ".pem");
    install(pem.key(), name + "-key.pem");
  }

  private void install(Path file, String name) throws IOException {
    Path part = folder.resolve(name + ".part");
    Files.copy(file, part, StandardCopyOption.REPLACE_EXISTING);
    Files.move(
        part,
        folder.resolve(name),
        StandardCopyOption.ATOMIC_MOVE,
        StandardCopyOption.REPLACE_EXISTING);
  }

  private static String[] with(String[] some, String... more) {
    String[] all = new String[some.length + more.length];
    System.arraycopy(some, 0, all, 0, some.length);
    System.arraycopy(more, 0, all, some.length, more.length);
    return all;
  }
}
