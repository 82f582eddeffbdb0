package io.clutch.worker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.google.common.collect.ImmutableMap;
import io.clutch.process.Overrides;
import io.clutch.security.AccessControl;
import io.clutch.security.AccessRules;
import io.clutch.security.TlsFiles;
import io.clutch.worker.internal.sockets.ConnectionLimits;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Limits of connections, certificates, tokens and rules, from the program and from outside. */
class WorkerSafetyOptionsTest {

  private static final TlsFiles TLS =
      TlsFiles.identity(Path.of("program.pem"), Path.of("program-key.pem"));

  private static final TlsFiles MUTUAL_TLS = TLS.trusting(Path.of("program-ca.pem"));

  @TempDir private Path folder;

  private static Worker.Builder outside(Map<String, String> environment) {
    return new Worker.Builder(new Overrides(name -> null, environment::get), false);
  }

  private static AccessControl.Options access(Worker.Builder builder) {
    return builder.build().options().access();
  }

  @Test
  void withoutOptionsNothingIsAskedForAndTheDefaultsHold() {
    WorkerOptions options = outside(Map.of()).build().options();

    assertThat(options.access()).isEqualTo(AccessControl.Options.NONE);
    assertThat(options.connectionLimits()).isEqualTo(ConnectionLimits.DEFAULT);
    assertThat(options.insecure()).isFalse();
    assertThat(ConnectionLimits.DEFAULT)
        .isEqualTo(
            new ConnectionLimits(
                1_000, 1_000, 8 * 1024, Duration.ofSeconds(10), Duration.ofHours(1)));
  }

  @Test
  void limitsComeFromTheProgramAndFromOutside() {
    Worker.Builder builder =
        outside(
                Map.of(
                    "CLUTCH_MAX_CONNECTIONS", "11",
                    "CLUTCH_MAX_CALLS_PER_CONNECTION", "12",
                    "CLUTCH_MAX_HEADER_SIZE", "4096"))
            .maxConnections(1)
            .connectionTimeout(Duration.ofSeconds(3))
            .maxConnectionIdle(Duration.ZERO);

    assertThat(builder.build().options().connectionLimits())
        .isEqualTo(new ConnectionLimits(11, 12, 4096, Duration.ofSeconds(3), Duration.ZERO));
    assertThat(
            outside(
                    Map.of(
                        "CLUTCH_CONNECTION_TIMEOUT", "500ms", "CLUTCH_MAX_CONNECTION_IDLE", "2m"))
                .build()
                .options()
                .connectionLimits())
        .isEqualTo(
            new ConnectionLimits(
                1_000, 1_000, 8 * 1024, Duration.ofMillis(500), Duration.ofMinutes(2)));
  }

  @Test
  void wrongLimitsAreNamedWithTheirValue() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> outside(Map.of()).maxConnections(0).build())
        .withMessage("maxConnections is 0: want 1 or more");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> outside(Map.of("CLUTCH_MAX_CONNECTIONS", "many")).build())
        .withMessageContaining("CLUTCH_MAX_CONNECTIONS is 'many'");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> outside(Map.of("CLUTCH_CONNECTION_TIMEOUT", "0s")).build())
        .withMessageContaining("connectionTimeout is PT0S");
  }

  @Test
  void filesComeFromOutside() {
    AccessControl.Options access =
        access(
            outside(
                Map.of(
                    "CLUTCH_TLS_CERTIFICATE", "/c.pem",
                    "CLUTCH_TLS_KEY", "/k.pem",
                    "CLUTCH_TLS_CLIENT_CA", "/ca.pem",
                    "CLUTCH_TOKENS", "/tokens",
                    "CLUTCH_RULES", "/rules")));

    assertThat(access.tls())
        .hasToString("TlsFiles[certificate=/c.pem, key=/k.pem, authorities=/ca.pem]");
    assertThat(access.tokens()).isEqualTo(Path.of("/tokens"));
    assertThat(access.rulesFile()).isEqualTo(Path.of("/rules"));
    assertThat(access.rules()).isNull();
  }

  @Test
  void filesFromOutsideTakeThePlaceOfThoseOfTheProgram() {
    AccessControl.Options access =
        access(
            outside(Map.of("CLUTCH_TOKENS", "/tokens", "CLUTCH_RULES", "/rules"))
                .tokens(Path.of("program-tokens"))
                .rules(AccessRules.builder().build()));

    assertThat(access.tokens()).isEqualTo(Path.of("/tokens"));
    assertThat(access.rulesFile()).isEqualTo(Path.of("/rules"));
    assertThat(access.rules()).isNull();
  }

  @Test
  void whatIsNotGivenFromOutsideStaysAsTheProgramSays() {
    assertThat(access(outside(Map.of()).tls(MUTUAL_TLS)).tls()).isSameAs(MUTUAL_TLS);
    assertThat(
            access(
                    outside(
                            ImmutableMap.of(
                                "CLUTCH_TLS_CERTIFICATE", "/c.pem", "CLUTCH_TLS_KEY", "/k.pem"))
                        .tls(MUTUAL_TLS))
                .tls())
        .hasToString("TlsFiles[certificate=/c.pem, key=/k.pem, authorities=program-ca.pem]");
    assertThat(access(outside(Map.of("CLUTCH_TLS_CLIENT_CA", "/ca.pem")).tls(TLS)).tls())
        .hasToString("TlsFiles[certificate=program.pem, key=program-key.pem, authorities=/ca.pem]");
  }

  @Test
  void theLastRulesCount() {
    Path file = Path.of("rules");
    AccessRules rules = AccessRules.builder().build();
    Path tokens = Path.of("tokens");

    assertThat(access(outside(Map.of()).tokens(tokens).rules(file).rules(rules)))
        .isEqualTo(new AccessControl.Options(null, tokens, rules, null));
    assertThat(access(outside(Map.of()).tokens(tokens).rules(rules).rules(file)))
        .isEqualTo(new AccessControl.Options(null, tokens, null, file));
  }

  @ParameterizedTest
  @CsvSource({
    "CLUTCH_TLS_CERTIFICATE, there is a certificate (/x) without a key",
    "CLUTCH_TLS_KEY, there is a key (/x) without a certificate",
    "CLUTCH_TLS_CLIENT_CA, tls has no certificate",
    "CLUTCH_RULES, nothing by which to know callers",
    "CLUTCH_INSECURE, CLUTCH_INSECURE is '/x'"
  })
  void whatDoesNotFitTogetherIsRefused(String variable, String message) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> outside(Map.of(variable, "/x")).build())
        .withMessageContaining(message);
  }

  @Test
  void insecureMayBeTakenBackFromOutside() {
    assertThat(outside(Map.of("CLUTCH_INSECURE", "false")).insecure().build().options().insecure())
        .isFalse();
  }

  @Test
  void nullIsRefusedAtOnce() {
    Worker.Builder builder = outside(Map.of());
    assertThatNullPointerException().isThrownBy(() -> builder.tls(null));
    assertThatNullPointerException().isThrownBy(() -> builder.tokens(null));
    assertThatNullPointerException().isThrownBy(() -> builder.rules((Path) null));
    assertThatNullPointerException().isThrownBy(() -> builder.rules((AccessRules) null));
    assertThatNullPointerException().isThrownBy(() -> builder.connectionTimeout(null));
    assertThatNullPointerException().isThrownBy(() -> builder.maxConnectionIdle(null));
  }

  @Test
  void aFileOfNoUseIsNamedAtTheStart() {
    Path nowhere = folder.resolve("nowhere");
    Worker worker = outside(Map.of()).address("127.0.0.1:0").tokens(nowhere).build();

    assertThatThrownBy(worker::start)
        .isInstanceOf(IOException.class)
        .hasMessage("there is no file " + nowhere);
  }

  @Test
  void startsThatFailLeaveNothingOpen() throws IOException {
    assumeTrue(Files.isDirectory(Path.of("/proc/self/fd")), "no /proc here");
    Path nowhere = folder.resolve("nowhere");
    long before = openLoops();
    try (Worker running = outside(Map.of()).address("127.0.0.1:0").build().start()) {
      for (int i = 0; i < 20; i++) {
        assertThatThrownBy(running::start).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(outside(Map.of()).address("nosuch.invalid:1").build()::start)
            .isInstanceOf(IOException.class);
        assertThatThrownBy(outside(Map.of()).address("127.0.0.1:0").tokens(nowhere).build()::start)
            .isInstanceOf(IOException.class);
      }
    }

    await().untilAsserted(() -> assertThat(openLoops()).isLessThan(before + 20));
  }

  /** How many event loops there are, by what each has open. */
  private static long openLoops() throws IOException {
    try (Stream<Path> open = Files.list(Path.of("/proc/self/fd"))) {
      return open.filter(WorkerSafetyOptionsTest::isEventPoll).count();
    }
  }

  private static boolean isEventPoll(Path descriptor) {
    try {
      return Files.readSymbolicLink(descriptor).toString().contains("eventpoll");
    } catch (IOException e) {
      // It was closed in between.
      return false;
    }
  }
}
