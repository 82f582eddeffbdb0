package io.clutch.benchmarks.report;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

final class LineTest {

  @Test
  void linesAreATableInMarkdownWithoutWhatWasNotMeasured() {
    Line line =
        new Line(
            "a load",
            "somebody",
            "2",
            123456.7,
            12.4,
            Double.NaN,
            Double.NaN,
            3.14159,
            2,
            3.0 * 1024 * 1024,
            0);

    assertThat(Line.table(List.of(line)).lines())
        .containsExactly(
            "| load   | contestant | connections | calls/s | p50 µs | p99 µs | p99.9 µs |"
                + " client CPU µs/call | worker CPU µs/call | worker RSS MiB | failed |",
            "|--------|------------|------------:|--------:|-------:|-------:|---------:|"
                + "-------------------:|-------------------:|---------------:|-------:|",
            "| a load | somebody   |           2 | 123,457 |     12 |        |          |"
                + "                3.1 |                2.0 |              3 |      0 |");
  }
}
