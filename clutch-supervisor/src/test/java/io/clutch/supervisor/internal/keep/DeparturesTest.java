package io.clutch.supervisor.internal.keep;

import static org.assertj.core.api.Assertions.assertThat;

import io.clutch.v1.AttachResponse.ChildGone;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;

/** Which children that have gone a new one hears of. */
class DeparturesTest {

  private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");

  private final Departures departures = new Departures();

  @Test
  void theyAreToldInTheirOrder() {
    departures.add(gone(1), NOW);
    departures.add(gone(2), NOW);
    departures.add(gone(3), NOW.plusSeconds(1));

    assertThat(departures.recent(NOW.plusSeconds(2))).containsExactly(gone(1), gone(2), gone(3));
  }

  @Test
  void afterAMinuteTheyAreForgotten() {
    departures.add(gone(1), NOW);
    departures.add(gone(2), NOW.plusSeconds(1));

    assertThat(departures.recent(NOW.plus(Departures.KEPT_FOR))).containsExactly(gone(1), gone(2));
    assertThat(departures.recent(NOW.plus(Departures.KEPT_FOR).plus(Duration.ofNanos(1))))
        .containsExactly(gone(2));
  }

  @Test
  void ofVeryManyTheLastOnesAreRemembered() {
    for (int generation = 1; generation <= Departures.KEPT + 5; generation++) {
      departures.add(gone(generation), NOW);
    }

    assertThat(departures.recent(NOW))
        .hasSize(Departures.KEPT)
        .startsWith(gone(6))
        .endsWith(gone(Departures.KEPT + 5));
  }

  private static ChildGone gone(long generation) {
    return ChildGone.newBuilder().setSlot(1).setGeneration(generation).build();
  }
}
