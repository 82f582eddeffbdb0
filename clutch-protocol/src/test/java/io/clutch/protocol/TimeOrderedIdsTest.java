package io.clutch.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

final class TimeOrderedIdsTest {

  private final AtomicReference<Instant> now =
      new AtomicReference<>(Instant.parse("2026-11-27T15:41:50.123Z"));
  private final TimeOrderedIds ids = new TimeOrderedIds(now::get);

  @Test
  void anIdIsAUuidOfVersion7WithItsTimeInFront() {
    UUID id = UUID.fromString(ids.next());

    assertThat(id.version()).isEqualTo(7);
    assertThat(id.variant()).isEqualTo(2);
    assertThat(id.getMostSignificantBits() >>> 16).isEqualTo(now.get().toEpochMilli());
  }

  @Test
  void idsAscendWithinAMillisecondAndWhereTheClockGoesBack() {
    List<String> made = new ArrayList<>();
    // More than the counter holds.
    for (int i = 0; i < 10_000; i++) {
      made.add(ids.next());
    }
    now.set(now.get().minusSeconds(60));
    made.add(ids.next());
    now.set(now.get().plusSeconds(120));
    made.add(ids.next());

    assertThat(made).isSorted().doesNotHaveDuplicates();
    assertThat(made).allMatch(id -> UUID.fromString(id).version() == 7);
  }

  @Test
  void processesThatMakeIdsAtTheSameTimeMakeOthers() {
    assertThat(new TimeOrderedIds(now::get).next()).isNotEqualTo(ids.next());
  }
}
