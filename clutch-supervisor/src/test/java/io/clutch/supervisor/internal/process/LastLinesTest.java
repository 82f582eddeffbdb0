package io.clutch.supervisor.internal.process;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.stream.Collectors.joining;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class LastLinesTest {

  private final LastLines lines = new LastLines();

  @Test
  void isEmptyWhereNothingWasPrinted() {
    assertThat(lines.text()).isEmpty();
  }

  @Test
  void keepsTheLastTwentyInTheirOrder() {
    IntStream.rangeClosed(1, 30).forEach(i -> add("line " + i));

    assertThat(lines.text())
        .isEqualTo(IntStream.rangeClosed(11, 30).mapToObj(i -> "line " + i).collect(joining("\n")));
  }

  @Test
  void cutsLongLinesAndShowsIt() {
    add("x".repeat(500));
    add("y".repeat(501));

    assertThat(lines.text()).isEqualTo("x".repeat(500) + "\n" + "y".repeat(500) + "…");
  }

  private void add(String line) {
    lines.add(line.getBytes(UTF_8));
  }
}
