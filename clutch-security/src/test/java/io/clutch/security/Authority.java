package io.clutch.security;

import io.netty.pkitesting.CertificateBuilder;
import io.netty.pkitesting.CertificateBuilder.KeyUsage;
import io.netty.pkitesting.X509Bundle;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;

/** A certificate authority for a test. */
final class Authority {

  private final X509Bundle bundle;

  private Authority(X509Bundle bundle) {
    this.bundle = bundle;
  }

  static Authority create(String name) throws Exception {
    return new Authority(authority(name).buildSelfSigned());
  }

  /** An authority below this one. */
  Authority intermediate(String name) throws Exception {
    return new Authority(authority(name).buildIssuedBy(bundle));
  }

  /** An authority below this one, until then. */
  Authority intermediate(String name, Instant end) throws Exception {
    return new Authority(authority(name).notAfter(end).buildIssuedBy(bundle));
  }

  private static CertificateBuilder authority(String name) {
    return valid()
        .subject("CN=" + name)
        .setIsCertificateAuthority(true)
        .setKeyUsage(true, KeyUsage.keyCertSign, KeyUsage.cRLSign);
  }

  X509Bundle bundle() {
    return bundle;
  }

  /** A certificate that this authority signed. */
  X509Bundle sign(CertificateBuilder builder) throws Exception {
    return builder.buildIssuedBy(bundle);
  }

  /** For a server on this machine. */
  static CertificateBuilder server() {
    return valid()
        .subject("CN=server")
        .addSanDnsName("localhost")
        .setKeyUsage(true, KeyUsage.digitalSignature)
        .addExtendedKeyUsageServerAuth();
  }

  /** For a client; to be given names. */
  static CertificateBuilder client() {
    return valid()
        .subject("CN=client")
        .setKeyUsage(true, KeyUsage.digitalSignature)
        .addExtendedKeyUsageClientAuth();
  }

  private static CertificateBuilder valid() {
    Instant now = Instant.now();
    return new CertificateBuilder()
        .ecp256()
        .notBefore(now.minus(Duration.ofDays(2)))
        .notAfter(now.plus(Duration.ofDays(1)));
  }

  /** Writes the certificate of this authority. */
  Path write(Path file) throws IOException {
    return Files.writeString(file, bundle.getCertificatePEM());
  }

  /** Writes a certificate with its key into a folder. */
  static TlsFiles write(Path folder, String name, X509Bundle bundle) throws IOException {
    return TlsFiles.identity(
        Files.writeString(folder.resolve(name + ".pem"), bundle.getCertificatePathPEM()),
        Files.writeString(folder.resolve(name + "-key.pem"), bundle.getPrivateKeyPEM()));
  }
}
