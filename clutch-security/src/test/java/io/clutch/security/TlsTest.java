package io.clutch.security;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.netty.handler.ssl.ClientAuth;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.pkitesting.CertificateBuilder.Algorithm;
import io.netty.pkitesting.X509Bundle;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLPeerUnverifiedException;
import javax.net.ssl.SSLSession;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class TlsTest {

  private static Authority authority;
  private static Authority stranger;

  private final FileWatch watch = new FileWatch();

  @TempDir private Path folder;
  private TlsFiles trusting;

  @BeforeAll
  static void issue() throws Exception {
    authority = Authority.create("authority");
    stranger = Authority.create("stranger");
  }

  @BeforeEach
  void write() throws IOException {
    trusting = TlsFiles.trust(authority.write(folder.resolve("ca.pem")));
  }

  @AfterEach
  void close() {
    watch.close();
  }

  private TlsFiles write(String name, X509Bundle bundle) throws IOException {
    return Authority.write(folder, name, bundle);
  }

  private SslContext server(TlsFiles files, ClientAuth clientAuth) throws IOException {
    Trust trust = Tls.trust(files, watch, () -> {}).orElse(null);
    return Tls.server(files, watch, trust, clientAuth);
  }

  private SslContext server() throws Exception {
    return server(write("server", authority.sign(Authority.server())), ClientAuth.NONE);
  }

  private SslContext serverThatWantsCertificates() throws Exception {
    return server(
        write("server", authority.sign(Authority.server()))
            .trusting(trusting.authorities().orElseThrow()),
        ClientAuth.REQUIRE);
  }

  private SslContext clientOf(Authority signer) throws Exception {
    return Tls.client(
        write("client", signer.sign(Authority.client().addSanDnsName("web.example")))
            .trusting(trusting.authorities().orElseThrow()),
        watch,
        () -> {});
  }

  @ParameterizedTest
  @EnumSource(
      value = Algorithm.class,
      names = {"ecp256", "rsa2048", "ed25519"})
  void serversSpeakWithKeysOfEveryKind(Algorithm algorithm) throws Exception {
    X509Bundle bundle = authority.sign(Authority.server().algorithm(algorithm));
    SslContext server = server(write("server", bundle), ClientAuth.NONE);

    SSLSession session = Handshake.between(Tls.client(trusting, watch, () -> {}), server);

    assertThat(session.getProtocol()).isEqualTo("TLSv1.3");
    assertThat(session.getLocalCertificates()).containsExactly(bundle.getCertificate());
    assertThatThrownBy(session::getPeerCertificates).isInstanceOf(SSLPeerUnverifiedException.class);
    assertThat(ClientCertificate.of(session)).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"TLSv1.2", "TLSv1.3"})
  void clientsMaySpeakEitherVersion(String version) throws Exception {
    SslContext client = client(version);

    assertThat(Handshake.between(client, server()).getProtocol()).isEqualTo(version);
  }

  @Test
  void olderVersionsAreNotSpoken() throws Exception {
    assertThatThrownBy(() -> Handshake.between(client("TLSv1.1"), server()))
        .isInstanceOf(SSLException.class);
  }

  private SslContext client(String version) throws SSLException {
    return SslContextBuilder.forClient()
        .trustManager(trusting.authorities().orElseThrow().toFile())
        .protocols(version)
        .build();
  }

  @Test
  void aServerMaySendAChain() throws Exception {
    Authority between = authority.intermediate("between");
    SslContext server = server(write("server", between.sign(Authority.server())), ClientAuth.NONE);

    assertThat(
            Handshake.between(Tls.client(trusting, watch, () -> {}), server).getLocalCertificates())
        .hasSize(2);
  }

  @Test
  void clientsTrustNoServerOfAnotherAuthority() throws Exception {
    SslContext server = server(write("server", stranger.sign(Authority.server())), ClientAuth.NONE);

    assertThatThrownBy(() -> Handshake.between(Tls.client(trusting, watch, () -> {}), server))
        .isInstanceOf(SSLException.class)
        .hasMessageContaining("unable to find valid certification path");
    assertThatThrownBy(
            () -> Handshake.between(Tls.client(TlsFiles.systemTrust(), watch, () -> {}), server()))
        .isInstanceOf(SSLException.class);
  }

  @Test
  void clientsTrustNoServerOfAnotherName() throws Exception {
    SslContext server =
        server(
            write("server", authority.sign(Authority.client().addSanDnsName("other.example"))),
            ClientAuth.NONE);

    assertThatThrownBy(() -> Handshake.between(Tls.client(trusting, watch, () -> {}), server))
        .isInstanceOf(SSLException.class);
  }

  @Test
  void aClientWithACertificateIsKnown() throws Exception {
    SSLSession session = Handshake.between(clientOf(authority), serverThatWantsCertificates());

    assertThat(ClientCertificate.of(session).orElseThrow().names())
        .containsExactly("dns:web.example");
  }

  @Test
  void aClientWithoutACertificateOrWithOneOfAnotherAuthorityIsRefused() throws Exception {
    SslContext server = serverThatWantsCertificates();

    assertThatThrownBy(() -> Handshake.between(Tls.client(trusting, watch, () -> {}), server))
        .isInstanceOf(SSLException.class);
    assertThatThrownBy(() -> Handshake.between(clientOf(stranger), server))
        .isInstanceOf(SSLException.class);
  }

  /** Shakes hands anew: a client that was there before would go on with the session it has. */
  private SSLSession handshake(SslContext server) throws IOException {
    return Handshake.between(Tls.client(trusting, watch, () -> {}), server);
  }

  @Test
  void newConnectionsAreMadeWithTheNewCertificate() throws Exception {
    SslContext server = server();
    X509Bundle next = authority.sign(Authority.server());
    SSLSession before = handshake(server);

    write("server", next);

    await()
        .untilAsserted(
            () ->
                assertThat(handshake(server).getLocalCertificates())
                    .containsExactly(next.getCertificate()));
    assertThat(before.getLocalCertificates()).doesNotContain(next.getCertificate());
  }

  @Test
  void aCertificateWhoseKeyHasNotComeYetIsNotUsed() throws Exception {
    X509Bundle first = authority.sign(Authority.server());
    X509Bundle next = authority.sign(Authority.server());
    TlsFiles files = write("server", first);
    SslContext server = server(files, ClientAuth.NONE);

    try (LogCapture log = new LogCapture(FileWatch.class)) {
      Files.writeString(files.certificate(), next.getCertificatePEM());
      await().until(() -> log.text().contains("is not that of the certificate"));
    }
    assertThat(handshake(server).getLocalCertificates()).containsExactly(first.getCertificate());

    Files.writeString(files.key(), next.getPrivateKeyPEM());
    await()
        .untilAsserted(
            () ->
                assertThat(handshake(server).getLocalCertificates())
                    .containsExactly(next.getCertificate()));
  }

  @Test
  void newAuthoritiesCountForNewConnections() throws Exception {
    SslContext server = serverThatWantsCertificates();
    TlsFiles both = TlsFiles.trust(folder.resolve("both.pem"));
    Files.writeString(
        both.authorities().orElseThrow(),
        authority.bundle().getCertificatePEM() + stranger.bundle().getCertificatePEM());
    SslContext client =
        Tls.client(
            write("client", stranger.sign(Authority.client().addSanDnsName("new.example")))
                .trusting(both.authorities().orElseThrow()),
            watch,
            () -> {});
    assertThatThrownBy(() -> Handshake.between(client, server)).isInstanceOf(SSLException.class);

    stranger.write(trusting.authorities().orElseThrow());

    await()
        .ignoreExceptions()
        .untilAsserted(
            () -> assertThat(ClientCertificate.of(Handshake.between(client, server))).isPresent());
  }

  @Test
  void filesOfNoUseAreNamedAtOnce() throws Exception {
    TlsFiles files = write("server", authority.sign(Authority.server()));
    Path nowhere = folder.resolve("nowhere");
    Path garbage = Files.writeString(folder.resolve("garbage"), "garbage");

    assertThatIOException()
        .isThrownBy(() -> Tls.client(TlsFiles.trust(nowhere), watch, () -> {}))
        .withMessageContaining("there is no file " + nowhere);
    assertThatIOException()
        .isThrownBy(() -> Tls.client(TlsFiles.trust(garbage), watch, () -> {}))
        .withMessageContaining(garbage + " holds no certificate");
    assertThatIOException()
        .isThrownBy(
            () -> Tls.client(TlsFiles.identity(files.certificate(), garbage), watch, () -> {}))
        .withMessageContaining(garbage + " holds no 'BEGIN PRIVATE KEY'");
    assertThatIOException()
        .isThrownBy(() -> server(TlsFiles.identity(files.certificate(), nowhere), ClientAuth.NONE))
        .withMessageContaining("there is no file " + nowhere);
  }
}
