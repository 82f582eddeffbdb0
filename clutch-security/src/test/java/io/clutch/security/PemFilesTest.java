package io.clutch.security;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.pkitesting.CertificateBuilder.Algorithm;
import io.netty.pkitesting.X509Bundle;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.InvalidKeyException;
import java.security.cert.CertificateException;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class PemFilesTest {

  private static Authority authority;
  private static X509Bundle server;

  @TempDir private Path folder;

  @BeforeAll
  static void issue() throws Exception {
    authority = Authority.create("authority");
    server = authority.sign(Authority.server());
  }

  private Path file(String name, String text) throws IOException {
    return Files.writeString(folder.resolve(name), text);
  }

  private Path certificate() throws IOException {
    return file("cert.pem", server.getCertificatePEM());
  }

  private PemFiles.KeyPair read(String certificate, String key)
      throws IOException, GeneralSecurityException {
    return PemFiles.keyPair(file("cert.pem", certificate), file("key.pem", key));
  }

  @ParameterizedTest
  @EnumSource(
      value = Algorithm.class,
      names = {"ecp256", "ecp384", "rsa2048", "ed25519"})
  void readsKeysOfEveryKind(Algorithm algorithm) throws Exception {
    X509Bundle bundle = authority.sign(Authority.server().algorithm(algorithm));

    PemFiles.KeyPair pair = read(bundle.getCertificatePEM(), bundle.getPrivateKeyPEM());

    assertThat(pair.key()).isEqualTo(bundle.getKeyPair().getPrivate());
    assertThat(pair.chain()).containsExactly(bundle.getCertificate());
  }

  @Test
  void readsTheChainInItsOrder() throws Exception {
    Authority between = authority.intermediate("between");
    X509Bundle below = between.sign(Authority.server());

    PemFiles.KeyPair pair =
        read(
            below.getCertificatePEM() + between.bundle().getCertificatePEM(),
            below.getPrivateKeyPEM());

    assertThat(pair.chain())
        .containsExactly(below.getCertificate(), between.bundle().getCertificate());
  }

  @Test
  void aChainThatDoesNotBeginWithTheKeysCertificateIsRefused() {
    assertThatThrownBy(
            () ->
                read(
                    authority.bundle().getCertificatePEM() + server.getCertificatePEM(),
                    server.getPrivateKeyPEM()))
        .isInstanceOf(InvalidKeyException.class)
        .hasMessageContaining("is not that of the certificate");
  }

  @ParameterizedTest
  @EnumSource(
      value = Algorithm.class,
      names = {"ecp256", "ecp384", "rsa2048", "ed25519"})
  void aKeyOfAnotherCertificateIsRefused(Algorithm algorithm) throws Exception {
    String other = authority.sign(Authority.server().algorithm(algorithm)).getPrivateKeyPEM();

    assertThatThrownBy(() -> read(server.getCertificatePEM(), other))
        .isInstanceOf(InvalidKeyException.class)
        .hasMessage(
            "the key in %s is not that of the certificate in %s",
            folder.resolve("key.pem"), folder.resolve("cert.pem"));
  }

  @Test
  void findsTheKeyAmongOtherThings() throws Exception {
    String key =
        "Bag Attributes\r\n    friendlyName: x\r\n-----BEGIN EC PARAMETERS-----\r\nBggqhkjO\r\n"
            + "-----END EC PARAMETERS-----\r\n"
            + server.getCertificatePEM()
            + server.getPrivateKeyPEM().replace("\n", "\r\n");

    assertThat(read(server.getCertificatePEM(), key).key())
        .isEqualTo(server.getKeyPair().getPrivate());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        """
        -----BEGIN RSA PRIVATE KEY-----
        MIIB
        -----END RSA PRIVATE KEY-----
        """,
        """
        -----BEGIN RSA PRIVATE KEY-----
        Proc-Type: 4,ENCRYPTED
        DEK-Info: AES-128-CBC,D482DB687EBD5D07

        MIIB
        -----END RSA PRIVATE KEY-----
        """,
        """
        -----BEGIN EC PARAMETERS-----
        Bggq
        -----END EC PARAMETERS-----
        -----BEGIN EC PRIVATE KEY-----
        MIIB
        -----END EC PRIVATE KEY-----
        """,
        """
        -----BEGIN ENCRYPTED PRIVATE KEY-----
        MIIB
        -----END ENCRYPTED PRIVATE KEY-----
        """
      })
  void aKeyInAnotherFormatIsRefusedWithAHint(String key) {
    assertThatThrownBy(() -> read(server.getCertificatePEM(), key))
        .isInstanceOf(InvalidKeyException.class)
        .hasMessageContaining(folder.resolve("key.pem") + " holds no 'BEGIN PRIVATE KEY'; it has")
        .hasMessageContaining("PRIVATE KEY', which 'openssl pkcs8 -topk8 -nocrypt' turns into one");
  }

  @Test
  void aFileWithoutAKeyIsNamed() {
    for (String text : new String[] {"", "garbage", server.getCertificatePEM()}) {
      assertThatThrownBy(() -> read(server.getCertificatePEM(), text))
          .isInstanceOf(InvalidKeyException.class)
          .hasMessage(folder.resolve("key.pem") + " holds no 'BEGIN PRIVATE KEY'");
    }
  }

  @Test
  void aDamagedKeyIsNamedAndNotRepeated() {
    String cut = server.getPrivateKeyPEM().replaceFirst("\n[A-Za-z0-9+/]{8}", "\n");
    assertThatThrownBy(() -> read(server.getCertificatePEM(), cut))
        .isInstanceOf(InvalidKeyException.class)
        .hasMessageContaining("the key in " + folder.resolve("key.pem"));
    assertThatThrownBy(
            () ->
                read(
                    server.getCertificatePEM(),
                    "-----BEGIN PRIVATE KEY-----\nsecret?\n-----END PRIVATE KEY-----\n"))
        .isInstanceOf(InvalidKeyException.class)
        .hasMessage("the key in %s is not base64", folder.resolve("key.pem"));
  }

  @Test
  void halfAKeyIsRefused() {
    String key = server.getPrivateKeyPEM();
    for (int length = 0; length < key.indexOf("-----END PRIVATE KEY-----"); length += 10) {
      String half = key.substring(0, length);
      assertThatThrownBy(() -> read(server.getCertificatePEM(), half))
          .isInstanceOf(InvalidKeyException.class);
    }
  }

  @Test
  void halfACertificateIsRefused() {
    String certificate = server.getCertificatePEM();
    for (int length = 0; length < certificate.indexOf("-----END "); length += 20) {
      Path file = folder.resolve("half.pem");
      String half = certificate.substring(0, length);
      assertThatThrownBy(() -> PemFiles.certificates(Files.writeString(file, half)))
          .isInstanceOf(CertificateException.class)
          .hasMessageContaining(file.toString());
    }
  }

  @Test
  void halfAChainIsRefused() {
    String certificate = server.getCertificatePEM();
    int firstLine = certificate.indexOf('\n') + 1;
    for (int length = firstLine; length < certificate.indexOf("-----END "); length += 20) {
      Path file = folder.resolve("half.pem");
      String half = certificate.substring(0, length);
      assertThatThrownBy(() -> PemFiles.certificates(Files.writeString(file, certificate + half)))
          .isInstanceOf(CertificateException.class)
          .hasMessageContaining(file.toString());
    }
  }

  @Test
  void aFileWithoutACertificateIsNamed() throws Exception {
    for (String text : new String[] {"", "garbage", "-----BEGIN", "\u0000\u0001\u0002"}) {
      Path file = file("none.pem", text);
      assertThatThrownBy(() -> PemFiles.certificates(file))
          .isInstanceOf(CertificateException.class)
          .hasMessageContaining(file.toString());
    }
    Path key = file("none.pem", server.getPrivateKeyPEM());
    assertThatThrownBy(() -> PemFiles.certificates(key))
        .isInstanceOf(CertificateException.class)
        .hasMessageContaining(key.toString());
  }

  @Test
  void aMissingFileIsNamed() throws Exception {
    Path nowhere = folder.resolve("nowhere");
    Path certificate = certificate();

    assertThatIOException()
        .isThrownBy(() -> PemFiles.keyPair(nowhere, nowhere))
        .withMessage("there is no file " + nowhere);
    assertThatIOException()
        .isThrownBy(() -> PemFiles.keyPair(certificate, nowhere))
        .withMessage("there is no file " + nowhere);
    assertThatIOException()
        .isThrownBy(() -> PemFiles.certificates(folder))
        .withMessageStartingWith(folder + " cannot be read: ");
  }
}
