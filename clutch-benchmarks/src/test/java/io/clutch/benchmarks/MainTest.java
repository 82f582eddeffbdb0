package io.clutch.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.clutch.benchmarks.endtoend.Contestant;
import io.clutch.benchmarks.endtoend.Load;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class MainTest {

  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();

  @ParameterizedTest
  @CsvSource({
    "--rounds=0, --rounds is 0: want 1 or more",
    "--rounds=x, '''x'' is not an int'",
    "--seconds=0, --seconds is 0.0: want 0.1 to 3600 seconds",
    "--warm-up=NaN, --warm-up is NaN: want 0.1 to 3600 seconds",
    "--share-seconds=99999, --share-seconds is 99999.0: want 0.1 to 3600 seconds",
    "--only=fast, '''fast'' is nothing to choose: want some of raw-direct'",
    "--fast, Unknown option",
    "fast, Unmatched argument"
  })
  void wrongOptionsAreNamed(String argument, String message) {
    assertThat(run(argument)).isEqualTo(2);
    assertThat(err.toString()).contains(message);
    assertThat(out.toString()).isEmpty();
  }

  @Test
  void listPrintsAllNames() {
    assertThat(run("--list")).isZero();
    assertThat(out.toString()).contains("raw-fixed ", "pool ", "mib-4 ", "fair-share ", "durable ");
  }

  @Test
  void helpNamesAllFigures() {
    assertThat(run("--help")).isZero();
    assertThat(out.toString())
        .contains("--quick", "--rounds", "--only")
        .contains("threads_64_vs_fixed_pool ", "background_accept_rate ", "fair_share_foreign ")
        .contains(
            "durable_pool_vs_memory ", "durable_start_p50_ms ", "CLUTCH_BENCHMARK_POSTGRESQL");
  }

  @Test
  void nothingNamedIsEverything() {
    Selection all = Selection.of(List.of());

    assertThat(all.contestants()).containsExactly(Contestant.values());
    assertThat(all.loads()).containsExactly(Load.values());
    assertThat(all.hasFairShare()).isTrue();
    assertThat(all.hasDurable()).isTrue();
  }

  @Test
  void loadsAloneAreGivenToAllContestantsAndTheOtherWayRound() {
    assertThat(Selection.of(List.of("mib-4")).contestants()).containsExactly(Contestant.values());
    assertThat(Selection.of(List.of("inline", "raw-direct")).loads())
        .containsExactly(Load.values());
    Selection both = Selection.of(List.of("inline", "flight-64"));
    assertThat(both.contestants()).containsExactly(Contestant.INLINE);
    assertThat(both.loads()).containsExactly(Load.FLIGHT_64);
    assertThat(both.hasFairShare()).isFalse();
    assertThat(both.hasDurable()).isFalse();
  }

  @Test
  void fairShareAloneIsNothingElse() {
    Selection share = Selection.of(List.of("fair-share"));

    assertThat(share.contestants()).isEmpty();
    assertThat(share.loads()).isEmpty();
    assertThat(share.hasFairShare()).isTrue();
    assertThat(share.hasDurable()).isFalse();
    assertThatIllegalArgumentException().isThrownBy(() -> Selection.of(List.of("inline", "")));
  }

  @Test
  void durableCallsAloneAreNothingElse() {
    Selection durable = Selection.of(List.of("durable"));

    assertThat(durable.contestants()).isEmpty();
    assertThat(durable.loads()).isEmpty();
    assertThat(durable.hasFairShare()).isFalse();
    assertThat(durable.hasDurable()).isTrue();
  }

  private int run(String... arguments) {
    return Main.commandLine()
        .setOut(new PrintWriter(out, true))
        .setErr(new PrintWriter(err, true))
        .execute(arguments);
  }
}
