package io.clutch.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import com.google.common.collect.ImmutableMap;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PlaceTest {

  @Test
  void aChildFindsItsSupervisorItsSlotAndItsGeneration() {
    Map<String, String> environment =
        ImmutableMap.of(
            "CLUTCH_SUPERVISOR", "/run/clutch/control.sock",
            "CLUTCH_SLOT", "3",
            "CLUTCH_GENERATION", "12345678901");

    assertThat(Place.of(environment::get))
        .contains(new Place(Path.of("/run/clutch/control.sock"), 3, 12_345_678_901L));
  }

  @Test
  void aProgramThatRunsAloneHasNone() {
    assertThat(Place.of(name -> null)).isEmpty();
    assertThat(Place.of(ImmutableMap.of("CLUTCH_SLOT", "3", "CLUTCH_GENERATION", "1")::get))
        .isEmpty();
    assertThat(Place.of(ImmutableMap.of("CLUTCH_SUPERVISOR", "")::get)).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({"'',1", "one,1", "0,1", "-1,1", "99999999999,1", "1,''", "1,new", "1,0", "1.5,1"})
  void whatMakesNoSenseIsNamed(String slot, String generation) {
    Map<String, String> environment =
        ImmutableMap.of(
            "CLUTCH_SUPERVISOR", "/run/control.sock",
            "CLUTCH_SLOT", slot,
            "CLUTCH_GENERATION", generation);

    assertThatIllegalArgumentException()
        .isThrownBy(() -> Place.of(environment::get))
        .withMessageContainingAll(
            "CLUTCH_SLOT is '" + slot + "'", "CLUTCH_GENERATION is '" + generation + "'");
  }

  @Test
  void whatIsMissingIsNamed() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Place.of(ImmutableMap.of("CLUTCH_SUPERVISOR", "/run/c.sock")::get))
        .withMessageContainingAll("CLUTCH_SLOT", "CLUTCH_GENERATION", "from 1");
  }
}
