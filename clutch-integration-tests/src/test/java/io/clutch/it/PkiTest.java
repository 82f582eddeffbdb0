package io.clutch.it;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.CertificateExpiredException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PkiTest {

  @TempDir private Path folder;

  @Test
  void handsOutCertificatesThatItsAuthoritySigned() throws Exception {
    Pki pki = Pki.create(folder.resolve("one"));
    X509Certificate authority = read(pki.authorities());

    X509Certificate server = read(pki.server("worker").certificate());
    X509Certificate client =
        read(
            pki.client(
                    "dns:web.example", "uri:spiffe://e/web", "email:a@web.example", "ip:10.0.0.1")
                .certificate());

    assertThatCode(() -> server.verify(authority.getPublicKey())).doesNotThrowAnyException();
    assertThatCode(() -> client.verify(authority.getPublicKey())).doesNotThrowAnyException();
    assertThat(server.getSubjectAlternativeNames().toString())
        .contains("localhost", "127.0.0.1", "0:0:0:0:0:0:0:1");
    assertThat(client.getSubjectAlternativeNames().toString())
        .contains("web.example", "spiffe://e/web", "a@web.example", "10.0.0.1");
  }

  @Test
  void handsOutExpiredOnes() throws Exception {
    X509Certificate expired = read(Pki.create(folder).expiredClient("dns:old").certificate());

    assertThatThrownBy(expired::checkValidity).isInstanceOf(CertificateExpiredException.class);
  }

  @Test
  void writesKeysAsPkcs8() throws Exception {
    assertThat(Files.readString(Pki.create(folder).server("worker").key(), UTF_8))
        .startsWith("-----BEGIN PRIVATE KEY-----");
  }

  private static X509Certificate read(Path file) throws Exception {
    return (X509Certificate)
        CertificateFactory.getInstance("X.509")
            .generateCertificate(new ByteArrayInputStream(Files.readAllBytes(file)));
  }
}
