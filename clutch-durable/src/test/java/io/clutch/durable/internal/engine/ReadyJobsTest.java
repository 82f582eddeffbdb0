package io.clutch.durable.internal.engine;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.google.protobuf.ByteString;
import io.clutch.durable.internal.record.JobRecord;
import io.clutch.durable.internal.record.JobStory;
import io.clutch.durable.internal.store.StartMarks;
import io.clutch.durable.internal.store.TakenJob;
import io.clutch.v1.Payload;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

final class ReadyJobsTest {

  private static final Payload SMALL = Payload.getDefaultInstance();
  private static final Payload LARGE =
      Payload.newBuilder().setData(ByteString.copyFrom(new byte[9 << 20])).build();

  private final FakePlaces places =
      new FakePlaces(1, (job, attempt, outcome) -> Payload.getDefaultInstance(), "f");
  private final ReadyJobs ready =
      new ReadyJobs(
          places, new Verdicts(Duration.ofHours(1)), InstantSource.system(), change -> {});

  @BeforeEach
  void open() {
    ready.marks(
        new StartMarks() {
          @Override
          public boolean start(TakenJob job, long nowMillis) {
            return true;
          }

          @Override
          public void settle(long seq) {}
        },
        "w");
  }

  @AfterEach
  void close() {
    places.close();
  }

  private static TakenJob job(long seq, Payload payload) {
    return new TakenJob(
        seq,
        "job-" + seq,
        0,
        JobRecord.newBuilder().setFunction("f").build(),
        payload,
        JobStory.getDefaultInstance());
  }

  /** Until some may be taken ahead. */
  private void runQuickOnes() {
    await()
        .atMost(60, SECONDS)
        .until(
            () -> {
              ready.add(List.of(job(1, SMALL)));
              ready.startAll();
              return ready.isEmpty() && ready.room(32) == 33;
            });
  }

  @Test
  void takesNoMoreAheadWhereItHasManyBytes() {
    runQuickOnes();

    ready.add(List.of(job(2, SMALL), job(3, LARGE)));
    assertThat(ready.room(32)).isEqualTo(31);
    ready.add(List.of(job(4, LARGE)));
    assertThat(ready.room(32)).isZero();

    ready.cancel(List.of(4L));
    assertThat(ready.room(32)).isEqualTo(31);
  }

  @Test
  void bytesOfWhatWasHandedBackDoNotCount() {
    runQuickOnes();
    ready.add(List.of(job(2, LARGE), job(3, LARGE)));

    ready.handBack();
    runQuickOnes();
    ready.add(List.of(job(4, SMALL)));

    assertThat(ready.room(32)).isEqualTo(32);
  }
}
