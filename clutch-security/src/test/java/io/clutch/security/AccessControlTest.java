package io.clutch.security;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatIOException;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import ch.qos.logback.classic.Level;
import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableSet;
import io.clutch.protocol.ClutchException;
import io.clutch.protocol.Reason;
import io.clutch.protocol.Started;
import io.clutch.security.AccessControl.Options;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class AccessControlTest {

  private static final String WEB = "web-token-0123456789";
  private static final String BATCH = "batch-token-0123456789";
  private static final Identity WEB_TOKEN = new Identity(ImmutableSet.of("token:web"));

  private static Authority authority;

  @TempDir private Path folder;
  private Path tokens;
  private Path rulesFile;
  private TlsFiles tls;
  private TlsFiles mutualTls;
  private AccessControl access;

  @BeforeAll
  static void issue() throws Exception {
    authority = Authority.create("authority");
  }

  @BeforeEach
  void write() throws Exception {
    tokens =
        Files.writeString(folder.resolve("tokens"), "web %s%nbatch %s%n".formatted(WEB, BATCH));
    rulesFile = Files.writeString(folder.resolve("rules"), "{\"status\": [\"token:web\"]}");
    tls = Authority.write(folder, "server", authority.sign(Authority.server()));
    mutualTls = tls.trusting(authority.write(folder.resolve("ca.pem")));
  }

  @AfterEach
  void close() {
    if (access != null) {
      access.close();
    }
  }

  private void open(TlsFiles tls, Path tokens) throws IOException {
    access = AccessControl.open(new Options(tls, tokens, null, null));
  }

  private static Credentials token(String... authorization) {
    return new Credentials(null, ImmutableList.copyOf(authorization));
  }

  private static ClientCertificate certificate() throws Exception {
    return Sessions.certificate(
        authority.sign(Authority.client().addSanDnsName("web.example")).getCertificatePath());
  }

  private void assertUnauthenticated(Credentials credentials, String message) {
    assertThatThrownBy(() -> access.identify(credentials))
        .isInstanceOfSatisfying(
            ClutchException.class,
            failure -> {
              assertThat(failure.reason()).isEqualTo(Reason.UNAUTHENTICATED);
              assertThat(failure.started()).isEqualTo(Started.NO);
            })
        .hasMessageContaining(message);
  }

  @Test
  void withoutProofsEveryoneIsAnonymousAndMayDoAll() throws Exception {
    access = AccessControl.open(Options.NONE);

    assertThat(access.authenticates()).isFalse();
    assertThat(access.hasTokens()).isFalse();
    assertThat(access.sslContext()).isEmpty();
    assertThat(access.identify(Credentials.NONE)).isEqualTo(Identity.ANONYMOUS);
    assertThat(access.identify(token("Bearer nonsense"))).isEqualTo(Identity.ANONYMOUS);
    assertThatCode(() -> access.check(Identity.ANONYMOUS, "f")).doesNotThrowAnyException();
  }

  @Test
  void tlsAloneAsksForNoProof() throws Exception {
    open(tls, null);

    assertThat(access.sslContext()).isPresent();
    assertThat(access.authenticates()).isFalse();
    assertThat(access.identify(Credentials.NONE)).isEqualTo(Identity.ANONYMOUS);
    assertThat(access.identify(new Credentials(certificate(), ImmutableList.of())))
        .isEqualTo(Identity.ANONYMOUS);
  }

  @ParameterizedTest
  @ValueSource(strings = {"Bearer ", "bearer ", "BEARER ", "Bearer   "})
  void aTokenIsAName(String scheme) throws Exception {
    open(null, tokens);

    assertThat(access.authenticates()).isTrue();
    assertThat(access.hasTokens()).isTrue();
    assertThat(access.identify(token(scheme + WEB))).isEqualTo(WEB_TOKEN);
    assertThat(access.identify(token(scheme + BATCH)).names()).containsExactly("token:batch");
  }

  @Test
  void whoShowsNoGoodTokenIsRefused() throws Exception {
    open(null, tokens);

    assertUnauthenticated(Credentials.NONE, "the call carries no token");
    assertUnauthenticated(token("Bearer wrong-token-0123456789"), "not one that this worker");
    assertUnauthenticated(token("Bearer "), "not one that this worker accepts");
    assertUnauthenticated(token(WEB), "does not begin with 'Bearer '");
    assertUnauthenticated(token("Basic " + WEB), "does not begin with 'Bearer '");
    assertUnauthenticated(token("Bearer" + WEB), "does not begin with 'Bearer '");
    assertUnauthenticated(token(""), "does not begin with 'Bearer '");
    assertUnauthenticated(token("Bearer " + WEB, "Bearer " + WEB), "more than one 'authorization'");
  }

  @Test
  void noMessageRepeatsAToken() throws Exception {
    open(null, tokens);

    for (String header : new String[] {"Bearer secret-secret-secret", "secret-secret-secret"}) {
      assertThatThrownBy(() -> access.identify(token(header)))
          .satisfies(failure -> assertThat(failure.toString()).doesNotContain("secret-secret"));
    }
    assertThat(token("Bearer secret"))
        .hasToString("Credentials[certificate=none, 1 authorization headers]");
  }

  @Test
  void whereThereAreOnlyCertificatesTheAuthorizationIsForTheFunction() throws Exception {
    open(mutualTls, null);

    assertThat(access.hasTokens()).isFalse();
    assertThat(
            access
                .identify(new Credentials(certificate(), ImmutableList.of("Basic of-the-function")))
                .names())
        .containsExactly("dns:web.example");
    assertUnauthenticated(token("Bearer " + WEB), "the connection has no client certificate");
  }

  @Test
  void eitherProofWillDoWhereThereAreBoth() throws Exception {
    open(mutualTls, tokens);

    assertThat(access.identify(token("Bearer " + WEB))).isEqualTo(WEB_TOKEN);
    assertThat(access.identify(new Credentials(certificate(), ImmutableList.of())).names())
        .containsExactly("dns:web.example");
    assertThat(
            access
                .identify(new Credentials(certificate(), ImmutableList.of("Bearer " + WEB)))
                .names())
        .containsExactly("dns:web.example", "token:web");
    assertUnauthenticated(
        Credentials.NONE, "the call carries no token, and its connection no client certificate");
  }

  @Test
  void aBadProofIsRefusedThoughTheOtherIsGood() throws Exception {
    open(mutualTls, tokens);
    ClientCertificate expired =
        Sessions.certificate(
            authority
                .sign(
                    Authority.client()
                        .addSanDnsName("web.example")
                        .notAfter(Instant.now().minusSeconds(60)))
                .getCertificatePath());

    assertUnauthenticated(
        new Credentials(certificate(), ImmutableList.of("Bearer wrong-token-0123456789")),
        "token is not one");
    assertUnauthenticated(
        new Credentials(expired, ImmutableList.of("Bearer " + WEB)), "not accepted any more");
  }

  @Test
  void aTokenTakenOutOfTheFileWorksNoMoreAndOnePutInDoes() throws Exception {
    open(null, tokens);
    Credentials web = token("Bearer " + WEB);
    Credentials next = token("Bearer next-token-0123456789");
    assertThat(access.identify(web)).isEqualTo(WEB_TOKEN);

    Files.writeString(tokens, "web next-token-0123456789\n");

    await()
        .ignoreException(ClutchException.class)
        .untilAsserted(() -> assertThat(access.identify(next)).isEqualTo(WEB_TOKEN));
    assertUnauthenticated(web, "token is not one");
  }

  @Test
  void aBrokenFileOfTokensChangesNothing() throws Exception {
    open(null, tokens);

    try (LogCapture log = new LogCapture(FileWatch.class)) {
      Files.writeString(tokens, "web " + WEB + "\nbatch secret secret\n");
      await().until(() -> log.text().contains("line 2 of " + tokens));
      assertThat(log.text()).doesNotContain(WEB).doesNotContain("secret");
    }

    assertThat(access.identify(token("Bearer " + WEB))).isEqualTo(WEB_TOKEN);
    assertThat(access.identify(token("Bearer " + BATCH)).names()).containsExactly("token:batch");
  }

  @Test
  void anEmptyFileOfTokensIsNobody() throws Exception {
    Files.writeString(tokens, "");
    open(null, tokens);

    assertUnauthenticated(token("Bearer " + WEB), "token is not one");
  }

  @Test
  void rulesSayWhoMayCallWhat() throws Exception {
    access =
        AccessControl.open(
            new Options(
                null, tokens, AccessRules.builder().allow("status", "token:web").build(), null));

    access.check(WEB_TOKEN, "status");

    assertThatThrownBy(() -> access.check(WEB_TOKEN, "other"))
        .isInstanceOfSatisfying(
            ClutchException.class,
            failure -> {
              assertThat(failure.reason()).isEqualTo(Reason.PERMISSION_DENIED);
              assertThat(failure.started()).isEqualTo(Started.NO);
              assertThat(failure.details()).containsEntry(ClutchException.FUNCTION, "other");
            })
        .hasMessage("token:web may not call 'other' here");
    assertThatThrownBy(() -> access.check(Identity.ANONYMOUS, "status"))
        .hasMessage("anonymous may not call 'status' here");
  }

  @Test
  void withoutRulesWhoeverIsKnownMayCallAll() throws Exception {
    open(null, tokens);

    assertThatCode(() -> access.check(WEB_TOKEN, "anything")).doesNotThrowAnyException();
  }

  @Test
  void changedRulesCountForTheNextCall() throws Exception {
    access = AccessControl.open(new Options(null, tokens, null, rulesFile));
    access.check(WEB_TOKEN, "status");

    Files.writeString(rulesFile, "{\"status\": [\"token:batch\"]}");
    await()
        .untilAsserted(
            () ->
                assertThatThrownBy(() -> access.check(WEB_TOKEN, "status"))
                    .hasMessageContaining("may not call"));

    try (LogCapture log = new LogCapture(FileWatch.class)) {
      Files.writeString(rulesFile, "{}}");
      await().until(() -> log.text().contains("the rules in " + rulesFile));
    }
    assertThatCode(() -> access.check(new Identity(ImmutableSet.of("token:batch")), "status"))
        .doesNotThrowAnyException();
  }

  @Test
  void rulesForNoFunctionAreToldOf() throws Exception {
    access = AccessControl.open(new Options(null, tokens, null, rulesFile));

    try (LogCapture log = new LogCapture(AccessControl.class)) {
      access.warnOfUnused(ImmutableSet.of("status"));
      assertThat(log.messages(Level.WARN)).isEmpty();
      access.warnOfUnused(ImmutableSet.of("stauts"));
      assertThat(log.messages(Level.WARN))
          .containsExactly(
              "there are rules for functions that this worker does not have: [status]");
    }
  }

  @Test
  void optionsThatDoNotFitTogetherAreRefused() {
    AccessRules rules = AccessRules.builder().build();

    assertThatIllegalArgumentException()
        .isThrownBy(() -> new Options(TlsFiles.systemTrust(), null, null, null))
        .withMessage("tls has no certificate: a worker needs one, and its key");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new Options(null, tokens, rules, rulesFile))
        .withMessage("there are rules, and a file of rules: %s", rulesFile);
    for (TlsFiles noProof : new TlsFiles[] {null, tls}) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> new Options(noProof, null, rules, null))
          .withMessageContaining("there are rules, but nothing by which to know callers");
      assertThatIllegalArgumentException()
          .isThrownBy(() -> new Options(noProof, null, null, rulesFile))
          .withMessageContaining("want tokens, or tls with the authorities of clients");
    }
  }

  @Test
  void optionsTellWhetherTheyAskForAProof() {
    assertThat(Options.NONE.authenticates()).isFalse();
    assertThat(new Options(tls, null, null, null).authenticates()).isFalse();
    assertThat(new Options(mutualTls, null, null, null).authenticates()).isTrue();
    assertThat(new Options(null, tokens, null, null).authenticates()).isTrue();
    assertThat(new Options(mutualTls, null, null, rulesFile).authenticates()).isTrue();
  }

  @Test
  void filesOfNoUseAreNamedAtOnce() throws Exception {
    Path nowhere = folder.resolve("nowhere");
    Path garbage = Files.writeString(folder.resolve("garbage"), "{garbage");

    assertThatIOException()
        .isThrownBy(() -> open(null, nowhere))
        .withMessage("there is no file " + nowhere);
    assertThatIOException()
        .isThrownBy(() -> open(null, garbage))
        .withMessageContaining("line 1 of " + garbage);
    assertThatIOException()
        .isThrownBy(() -> AccessControl.open(new Options(null, tokens, null, garbage)))
        .withMessageContaining("the rules in " + garbage);
    assertThatIOException()
        .isThrownBy(() -> open(tls.trusting(garbage), null))
        .withMessageContaining(garbage + " holds no certificate");
  }
}
