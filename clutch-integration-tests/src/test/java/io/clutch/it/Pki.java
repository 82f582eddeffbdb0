package io.clutch.it;

import io.netty.pkitesting.CertificateBuilder;
import io.netty.pkitesting.CertificateBuilder.KeyUsage;
import io.netty.pkitesting.X509Bundle;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A certificate authority of the test's own, and the PEM files that it hands out. All keys are EC
 * P-256, which are made in no time.
 */
final class Pki {

  private static final Duration DAY = Duration.ofDays(1);

  private final Path folder;
  private final X509Bundle authority;
  private final Path authorities;
  private final AtomicInteger lastFile = new AtomicInteger();

  /** A certificate and its key, each in a file. */
  record Pem(Path certificate, Path key) {}

  private Pki(Path folder, X509Bundle authority, Path authorities) {
    this.folder = folder;
    this.authority = authority;
    this.authorities = authorities;
  }

  /**
   * A new authority.
   *
   * @param folder for its files; made where it is not there. Two authorities need two folders
   */
  static Pki create(Path folder) throws Exception {
    Files.createDirectories(folder);
    X509Bundle authority =
        valid()
            .subject("CN=Authority of " + folder.getFileName())
            .setIsCertificateAuthority(true)
            .setKeyUsage(true, KeyUsage.keyCertSign, KeyUsage.cRLSign)
            .buildSelfSigned();
    Path authorities = folder.resolve("ca.pem");
    Files.writeString(authorities, authority.getCertificatePEM());
    return new Pki(folder, authority, authorities);
  }

  /** The file with the certificate of the authority. */
  Path authorities() {
    return authorities;
  }

  /**
   * For a server on this machine: for {@code localhost}, 127.0.0.1 and ::1.
   *
   * @param name of its subject, and of its files
   */
  Pem server(String name) throws Exception {
    return server(valid(), name);
  }

  /** For a server on this machine; it ended an hour ago. */
  Pem expiredServer(String name) throws Exception {
    Instant end = Instant.now().minus(Duration.ofHours(1));
    return server(valid().notBefore(end.minus(DAY)).notAfter(end), name);
  }

  private Pem server(CertificateBuilder builder, String name) throws Exception {
    return write(
        name,
        builder
            .subject("CN=" + name)
            .addSanDnsName("localhost")
            .addSanIpAddress("127.0.0.1")
            .addSanIpAddress("::1")
            .addExtendedKeyUsageServerAuth());
  }

  /**
   * For a server of that name only, which is not the one of this machine.
   *
   * @param host such as {@code worker.example}
   */
  Pem serverFor(String host) throws Exception {
    return write(
        host, valid().subject("CN=" + host).addSanDnsName(host).addExtendedKeyUsageServerAuth());
  }

  /**
   * For a client.
   *
   * @param names with their kinds, as rules have them: {@code dns:web.example}, {@code uri:…},
   *     {@code email:…}, {@code ip:…}; none is a subject only
   */
  Pem client(String... names) throws Exception {
    return client(valid(), names);
  }

  /** For a client; it ended an hour ago. */
  Pem expiredClient(String... names) throws Exception {
    return clientUntil(Instant.now().minus(Duration.ofHours(1)), names);
  }

  /** For a client, until then. */
  Pem clientUntil(Instant end, String... names) throws Exception {
    return client(valid().notBefore(end.minus(DAY)).notAfter(end), names);
  }

  private Pem client(CertificateBuilder builder, String... names) throws Exception {
    builder.subject("CN=client").addExtendedKeyUsageClientAuth();
    for (String name : names) {
      int colon = name.indexOf(':');
      String value = name.substring(colon + 1);
      switch (name.substring(0, colon)) {
        case "dns" -> builder.addSanDnsName(value);
        case "uri" -> builder.addSanUriName(value);
        case "email" -> builder.addSanRfc822Name(value);
        case "ip" -> builder.addSanIpAddress(value);
        default -> throw new IllegalArgumentException("no kind of name: " + name);
      }
    }
    return write("client-" + lastFile.incrementAndGet(), builder);
  }

  private Pem write(String name, CertificateBuilder builder) throws Exception {
    X509Bundle made = builder.setKeyUsage(true, KeyUsage.digitalSignature).buildIssuedBy(authority);
    return new Pem(
        write(name + ".pem", made.getCertificatePEM()),
        write(name + "-key.pem", made.getPrivateKeyPEM()));
  }

  private Path write(String file, String text) throws IOException {
    return Files.writeString(folder.resolve(file), text);
  }

  private static CertificateBuilder valid() {
    Instant now = Instant.now();
    return new CertificateBuilder().ecp256().notBefore(now.minus(DAY)).notAfter(now.plus(DAY));
  }
}
