package io.clutch.supervisor;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SupervisorPlatformTest {

  @ParameterizedTest
  @CsvSource({"Linux,amd64", "Linux,aarch64", "linux,x86_64"})
  void linuxIsSupported(String system, String architecture) {
    assertThat(SupervisorPlatform.problem(system, architecture)).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({"Mac OS X,aarch64", "Windows 11,amd64", "Linux,riscv64"})
  void elsewhereTheProblemNamesThePlatform(String system, String architecture) {
    assertThat(SupervisorPlatform.problem(system, architecture))
        .hasValueSatisfying(
            problem -> assertThat(problem).contains(system, architecture, "needs Linux"));
  }

  @Test
  void theMachineAtHandIsJudged() {
    boolean linux = System.getProperty("os.name").startsWith("Linux");
    assertThat(SupervisorPlatform.problem().isPresent()).isEqualTo(!linux);
  }
}
