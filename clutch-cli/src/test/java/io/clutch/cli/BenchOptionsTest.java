package io.clutch.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine.TypeConversionException;

final class BenchOptionsTest {

  @ParameterizedTest
  @CsvSource({"500/s, 500", "500, 500", "0.5/s, 0.5", "100000/s, 100000"})
  void aRateIsANumberOfCallsASecond(String text, double rate) {
    assertThat(new BenchCommand.RateConverter().convert(text)).isEqualTo(rate);
  }

  @ParameterizedTest
  @ValueSource(strings = {"0", "0/s", "-1/s", "500/m", "fast", "", "1e3", "NaN"})
  void whatIsNoRateIsRefused(String text) {
    assertThatThrownBy(() -> new BenchCommand.RateConverter().convert(text))
        .isInstanceOf(TypeConversionException.class)
        .hasMessageContaining("'" + text + "' is no rate")
        .hasMessageContaining("500/s");
  }

  @Test
  void aWarmUpMayBeNone() {
    assertThat(new BenchCommand.WarmUpConverter().convert("0s")).isEqualTo(Duration.ZERO);
    assertThat(new BenchCommand.WarmUpConverter().convert("200ms"))
        .isEqualTo(Duration.ofMillis(200));
    assertThatThrownBy(() -> new BenchCommand.WarmUpConverter().convert("long"))
        .isInstanceOf(TypeConversionException.class);
  }
}
