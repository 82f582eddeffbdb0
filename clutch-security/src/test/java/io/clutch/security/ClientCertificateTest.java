package io.clutch.security;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.clutch.protocol.ClutchException;
import io.clutch.protocol.Reason;
import io.clutch.protocol.Started;
import io.netty.pkitesting.CertificateBuilder;
import io.netty.pkitesting.CertificateBuilder.Algorithm;
import io.netty.pkitesting.X509Bundle;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class ClientCertificateTest {

  private static Authority authority;
  private static Authority stranger;

  private final FileWatch watch = new FileWatch();

  @TempDir private Path folder;
  private Path authorities;
  private Trust trust;

  @BeforeAll
  static void issue() throws Exception {
    authority = Authority.create("authority");
    stranger = Authority.create("stranger");
  }

  @BeforeEach
  void trust() throws Exception {
    authorities = authority.write(folder.resolve("ca.pem"));
    trust = Trust.of(authorities, watch, () -> {});
  }

  @AfterEach
  void close() {
    watch.close();
  }

  private static ClientCertificate shown(CertificateBuilder builder) throws Exception {
    return Sessions.certificate(authority.sign(builder).getCertificatePath());
  }

  private void assertGood(ClientCertificate certificate) {
    assertThatCode(() -> certificate.check(trust)).doesNotThrowAnyException();
  }

  private void assertRefused(ClientCertificate certificate, String why) {
    assertThatThrownBy(() -> certificate.check(trust))
        .isInstanceOfSatisfying(
            ClutchException.class,
            failure -> {
              assertThat(failure.reason()).isEqualTo(Reason.UNAUTHENTICATED);
              assertThat(failure.started()).isEqualTo(Started.NO);
            })
        .hasMessageStartingWith("the client's certificate (dns:web.example) is not accepted")
        .hasMessageContaining(why);
  }

  @Test
  void itsNamesAreTheAlternativeOnesOfEveryKind() throws Exception {
    ClientCertificate certificate =
        shown(
            Authority.client()
                .addSanDnsName("web.example")
                .addSanUriName("spiffe://example/web")
                .addSanRfc822Name("web@example.org")
                .addSanIpAddress("10.0.0.1")
                .addSanIpAddress("2001:db8::1")
                .addSanDirectoryName("CN=other")
                .addSanRegisteredId("1.2.3.4"));

    assertThat(certificate.names())
        .containsExactlyInAnyOrder(
            "dns:web.example",
            "uri:spiffe://example/web",
            "email:web@example.org",
            "ip:10.0.0.1",
            "ip:2001:db8::1");
  }

  @Test
  void withoutAlternativeNamesItsNameIsTheSubject() throws Exception {
    assertThat(shown(Authority.client().subject("CN=web, O=Example, C=DE")).names())
        .containsExactly("subject:CN=web,O=Example,C=DE");
    assertThat(shown(Authority.client().addSanDirectoryName("CN=other")).names())
        .containsExactly("subject:CN=client");
  }

  @Test
  void theSubjectCountsForNothingWhereThereAreAlternativeNames() throws Exception {
    assertThat(
            shown(Authority.client().subject("CN=admin.example").addSanDnsName("web.example"))
                .names())
        .containsExactly("dns:web.example");
  }

  @Test
  void whoShowsNoneHasNone() throws Exception {
    assertThat(ClientCertificate.of(Sessions.session())).isEmpty();
  }

  @ParameterizedTest
  @EnumSource(
      value = Algorithm.class,
      names = {"ecp256", "rsa2048", "ed25519"})
  void keysOfEveryKindAreGood(Algorithm algorithm) throws Exception {
    assertGood(shown(Authority.client().algorithm(algorithm).addSanDnsName("web.example")));
  }

  @Test
  void aCertificateThatEndsIsRefusedFromThenOn() throws Exception {
    ClientCertificate certificate =
        shown(
            Authority.client()
                .addSanDnsName("web.example")
                .notAfter(Instant.now().plus(Duration.ofSeconds(4))));
    assertGood(certificate);

    await().untilAsserted(() -> assertRefused(certificate, "NotAfter"));
    assertRefused(certificate, "NotAfter");
  }

  @Test
  void aCertificateOfTheFutureIsRefused() throws Exception {
    assertRefused(
        shown(
            Authority.client()
                .addSanDnsName("web.example")
                .notBefore(Instant.now().plus(Duration.ofHours(1)))),
        "NotBefore");
  }

  @Test
  void aCertificateForServersIsRefused() throws Exception {
    assertThatThrownBy(() -> shown(Authority.server()).check(trust))
        .isInstanceOf(ClutchException.class)
        .hasMessageContaining("client authentication");
  }

  @Test
  void anAuthorityInBetweenThatEndsEndsItsCertificates() throws Exception {
    Authority between = authority.intermediate("between", Instant.now().plusSeconds(4));
    ClientCertificate certificate =
        Sessions.certificate(
            between.sign(Authority.client().addSanDnsName("web.example")).getCertificatePath());
    assertGood(certificate);

    await().untilAsserted(() -> assertRefused(certificate, ""));
  }

  @Test
  void whatAClientShowsBesidesMayHaveEnded() throws Exception {
    X509Bundle bundle = authority.sign(Authority.client().addSanDnsName("web.example"));
    Authority old = stranger.intermediate("old", Instant.now().minusSeconds(60));
    ClientCertificate certificate =
        Sessions.certificate(bundle.getCertificate(), old.bundle().getCertificate());

    trust.checkClientTrusted(
        new X509Certificate[] {bundle.getCertificate(), old.bundle().getCertificate()}, "EC");
    assertGood(certificate);
    assertGood(certificate);
  }

  @Test
  void authoritiesThatAreTrustedNoMoreEndTheirCertificates() throws Exception {
    ClientCertificate certificate = shown(Authority.client().addSanDnsName("web.example"));
    assertGood(certificate);

    stranger.write(authorities);
    await().untilAsserted(() -> assertRefused(certificate, "certification path"));
    assertRefused(certificate, "certification path");

    authority.write(authorities);
    await().untilAsserted(() -> assertGood(certificate));
    assertGood(certificate);
  }

  @Test
  void brokenAuthoritiesChangeNothing() throws Exception {
    ClientCertificate certificate = shown(Authority.client().addSanDnsName("web.example"));
    assertGood(certificate);
    Object before = trust.version();

    try (LogCapture log = new LogCapture(FileWatch.class)) {
      Files.writeString(authorities, "garbage");
      await().until(() -> log.text().contains(authorities + " holds no certificate"));
    }

    assertThat(trust.version()).isSameAs(before);
    assertGood(certificate);
  }
}
