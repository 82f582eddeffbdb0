package io.clutch.supervisor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class MemorySizeTest {

  @ParameterizedTest
  @CsvSource({
    "0,0",
    "65536,65536",
    "65536k,67108864",
    "512m,536870912",
    "512M,536870912",
    "512mb,536870912",
    "2g,2147483648",
    "' 2g ',2147483648",
    "100b,100"
  })
  void readsWhatPeopleWrite(String text, long bytes) {
    assertThat(MemorySize.parse(text)).isEqualTo(bytes);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "m", "-1m", "1.5g", "10t", "10 m", "0x10", "9999999999999999999"})
  void refusesWhatIsNoSizeAndSaysWhatIsLegal(String text) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> MemorySize.parse(text))
        .withMessageContainingAll("'" + text + "'", "512m");
  }

  @Test
  void whatNoMachineHasIsTheMostThereIs() {
    assertThat(MemorySize.parse("999999999999999999g")).isEqualTo(Long.MAX_VALUE);
  }
}
