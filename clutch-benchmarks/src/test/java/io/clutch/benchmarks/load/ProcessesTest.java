package io.clutch.benchmarks.load;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

final class ProcessesTest {

  @Test
  void readsTheTimesBehindANameThatHasAnything() {
    String stat = "4711 (a) b (c) S 1 2 3 4 5 6 7 8 9 10 150 50 7 7 20 0 30";

    assertThat(Processes.cpuNanos(stat)).isEqualTo(2_000_000_000L);
  }

  @Test
  void readsTheResidentMemory() {
    assertThat(Processes.residentBytes("Name:\tx\nVmRSS:\t    2048 kB\nThreads: 3\n"))
        .isEqualTo(2 * 1024 * 1024);
  }

  @Test
  @EnabledOnOs(OS.LINUX)
  void thisProcessUsesSome() {
    assertThat(Processes.own().cpuNanos()).isPositive();
    assertThat(Processes.own().residentBytes()).isGreaterThan(1_000_000);
  }
}
