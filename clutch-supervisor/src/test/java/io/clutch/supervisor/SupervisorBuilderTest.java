package io.clutch.supervisor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import com.google.common.collect.ImmutableMap;
import io.clutch.process.Overrides;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What a supervisor is told, by its program and from outside. */
class SupervisorBuilderTest {

  @Test
  void takesEverySettingFromTheEnvironment() {
    SupervisorBuilder builder =
        from(
            ImmutableMap.<String, String>builder()
                .put("CLUTCH_MAX_WORKERS", "7")
                .put("CLUTCH_MAX_REQUESTS_PER_CHILD", "10000000000")
                .put("CLUTCH_MAX_REQUESTS_JITTER", "50")
                .put("CLUTCH_MAX_MEMORY_PER_CHILD", "512m")
                .put("CLUTCH_MAX_LIFETIME_PER_CHILD", "1h")
                .put("CLUTCH_SPAWN_INTERVAL", "200ms")
                .put("CLUTCH_ERR_RESPAWN_INTERVAL", "2s")
                .put("CLUTCH_BOOT_TIMEOUT", "40s")
                .put("CLUTCH_HEARTBEAT_TIMEOUT", "50s")
                .put("CLUTCH_GRACEFUL_TIMEOUT", "60")
                .put("CLUTCH_KILL_GRACE", "6s")
                .buildOrThrow());

    var settings = builder.settings();
    assertThat(settings.maxWorkers()).isEqualTo(7);
    assertThat(settings.maxRequests()).isEqualTo(10_000_000_000L);
    assertThat(settings.maxRequestsJitter()).isEqualTo(50);
    assertThat(settings.maxMemory()).isEqualTo(512L << 20);
    assertThat(settings.maxLifetime()).isEqualTo(Duration.ofHours(1));
    assertThat(settings.spawnInterval()).isEqualTo(Duration.ofMillis(200));
    assertThat(settings.errRespawnInterval()).isEqualTo(Duration.ofSeconds(2));
    assertThat(settings.bootTimeout()).isEqualTo(Duration.ofSeconds(40));
    assertThat(settings.heartbeatTimeout()).isEqualTo(Duration.ofSeconds(50));
    assertThat(settings.gracefulTimeout()).isEqualTo(Duration.ofSeconds(60));
    assertThat(settings.killGrace()).isEqualTo(Duration.ofSeconds(6));
  }

  @Test
  void whatIsNotGivenFromOutsideStaysAsTheProgramSaid() {
    SupervisorBuilder builder =
        Supervisor.builder()
            .maxWorkers(3)
            .killGrace(Duration.ofSeconds(9))
            .bootTimeout(Duration.ofSeconds(8));

    var settings = builder.from(overrides(ImmutableMap.of("CLUTCH_KILL_GRACE", "1s"))).settings();

    assertThat(settings.maxWorkers()).isEqualTo(3);
    assertThat(settings.bootTimeout()).isEqualTo(Duration.ofSeconds(8));
    assertThat(settings.killGrace()).isEqualTo(Duration.ofSeconds(1));
  }

  @Test
  void theDefaultsAreThoseOfTheDocumentation() {
    var settings = Supervisor.builder().settings();

    assertThat(settings.maxWorkers()).isEqualTo(Runtime.getRuntime().availableProcessors());
    assertThat(settings.maxRequests()).isZero();
    assertThat(settings.maxMemory()).isZero();
    assertThat(settings.maxLifetime()).isZero();
    assertThat(settings.spawnInterval()).isZero();
    assertThat(settings.errRespawnInterval()).isEqualTo(Duration.ofSeconds(1));
    assertThat(settings.bootTimeout()).isEqualTo(Duration.ofSeconds(30));
    assertThat(settings.heartbeatTimeout()).isEqualTo(Duration.ofSeconds(30));
    assertThat(settings.gracefulTimeout()).isEqualTo(Duration.ofSeconds(30));
    assertThat(settings.killGrace()).isEqualTo(Duration.ofSeconds(5));
  }

  @ParameterizedTest
  @CsvSource({
    "CLUTCH_MAX_WORKERS,many,whole number",
    "CLUTCH_MAX_REQUESTS_PER_CHILD,1e6,whole number",
    "CLUTCH_MAX_REQUESTS_JITTER,some,whole number",
    "CLUTCH_MAX_MEMORY_PER_CHILD,big,512m",
    "CLUTCH_SPAWN_INTERVAL,soon,10s",
    "CLUTCH_TIMEOUT,-1s,10s",
    "CLUTCH_CONCURRENCY,1.5,whole number",
    "CLUTCH_RAW_OUTPUT,yes,true or false"
  })
  void whatMakesNoSenseIsNamedWithWhatIsLegal(String variable, String value, String legal) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> from(ImmutableMap.of(variable, value)))
        .withMessageStartingWith(variable + " is '" + value + "'")
        .withMessageContaining(legal);
  }

  @Test
  void aSystemPropertyWinsOverTheEnvironment() {
    Overrides both =
        new Overrides(
            ImmutableMap.of("clutch.maxWorkers", "2")::get,
            ImmutableMap.of("CLUTCH_MAX_WORKERS", "5")::get);

    assertThat(Supervisor.builder().from(both).maxWorkers()).isEqualTo(2);
  }

  @ParameterizedTest
  @ValueSource(ints = {0, -1, 10_001})
  @EnabledOnOs(OS.LINUX)
  void aPoolOfNoOneOrTooManyIsRefused(int maxWorkers) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Supervisor.builder().command("true").maxWorkers(maxWorkers).start())
        .withMessageContaining("max-workers is " + maxWorkers);
  }

  @Test
  @EnabledOnOs(OS.LINUX)
  void aPoolNeedsACommand() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Supervisor.builder().start())
        .withMessageContaining("command is empty");
  }

  @Test
  @EnabledOnOs(OS.LINUX)
  void anAddressThatIsNoneIsNamed() {
    assertThatIllegalArgumentException()
        .isThrownBy(
            () ->
                Supervisor.builder()
                    .command("true")
                    .controlPath(Path.of("/nonexistent/control.sock"))
                    .address("127.0.0.1:0, 127.0.0.1:port")
                    .start())
        .withMessageContaining("127.0.0.1:port");
  }

  private static SupervisorBuilder from(ImmutableMap<String, String> environment) {
    return Supervisor.builder().from(overrides(environment));
  }

  private static Overrides overrides(ImmutableMap<String, String> environment) {
    return new Overrides(name -> null, environment::get);
  }
}
