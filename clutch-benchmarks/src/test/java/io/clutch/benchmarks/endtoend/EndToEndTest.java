package io.clutch.benchmarks.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.common.collect.ImmutableSet;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

@EnabledOnOs(OS.LINUX)
final class EndToEndTest {

  @Test
  @Timeout(180)
  void measuresPlainGrpcAndClutchInProcessesOfTheirOwn() throws IOException {
    EndToEnd.Plan plan =
        new EndToEnd.Plan(
            ImmutableSet.of(Contestant.RAW_DIRECT, Contestant.INLINE),
            ImmutableSet.of(Load.FLIGHT_1, Load.FLIGHT_32),
            1,
            Duration.ofMillis(100),
            Duration.ofMillis(10));

    EndToEnd.Outcome outcome =
        new EndToEnd(plan, new PrintStream(OutputStream.nullOutputStream())).run();

    assertThat(outcome.lines())
        .hasSize(6)
        .allSatisfy(
            line -> {
              assertThat(line.rate()).isPositive();
              assertThat(line.p50()).isPositive();
              assertThat(line.p999()).isGreaterThanOrEqualTo(line.p50());
              assertThat(line.residentBytes()).isPositive();
              assertThat(line.failed()).isZero();
            });
    assertThat(outcome.ratios()).containsOnlyKeys("p50_1_inline_vs_direct");
  }
}
