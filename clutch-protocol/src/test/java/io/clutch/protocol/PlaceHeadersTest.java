package io.clutch.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.Metadata;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class PlaceHeadersTest {

  private final Metadata headers = new Metadata();

  @Test
  void whatIsPutIsRead() {
    PlaceHeaders.put(headers, 3, 8);

    assertThat(headers.get(PlaceHeaders.SLOT)).isEqualTo("3");
    assertThat(PlaceHeaders.poolSize(headers)).hasValue(8);
  }

  @Test
  void theNamesOnTheWireArePromised() {
    PlaceHeaders.put(headers, 0, 1);

    assertThat(headers.keys()).containsExactlyInAnyOrder("clutch-slot", "clutch-pool-size");
  }

  @Test
  void aWorkerThatRunsAloneHasSlotZero() {
    PlaceHeaders.put(headers, 0, 1);

    assertThat(headers.get(PlaceHeaders.SLOT)).isEqualTo("0");
  }

  @Test
  void whatIsNotSaidIsNotKnown() {
    assertThat(PlaceHeaders.poolSize(headers)).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", " ", "four", "-1", "4.0", "0x4", "4 4", "100001", "2147483648", "1e3", "NaN"})
  void nonsenseIsPassedOver(String nonsense) {
    headers.put(PlaceHeaders.POOL_SIZE, nonsense);

    assertThat(PlaceHeaders.poolSize(headers)).isEmpty();
  }

  @Test
  void aSizeBeyondAnyPoolIsCut() {
    assertThat(PlaceHeaders.plausible(7)).isEqualTo(7);
    assertThat(PlaceHeaders.plausible(Integer.MAX_VALUE)).isEqualTo(100_000);
  }

  @Test
  void noPoolIsEmpty() {
    headers.put(PlaceHeaders.POOL_SIZE, "0");

    assertThat(PlaceHeaders.poolSize(headers)).isEmpty();
  }
}
