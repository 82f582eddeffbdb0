package io.clutch.durable.internal.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.clutch.durable.internal.engine.Inbox.Accept;
import io.clutch.durable.internal.engine.Inbox.Batch;
import io.clutch.durable.internal.record.JobRecord;
import io.clutch.durable.internal.record.JobStory;
import io.clutch.durable.internal.store.Change;
import io.clutch.durable.internal.store.NewRow;
import io.clutch.durable.internal.store.Start;
import io.clutch.v1.Payload;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(120)
class InboxTest {

  private static final long LONG = Duration.ofMinutes(5).toNanos();

  private final Inbox inbox = new Inbox();

  @Test
  void newJobsDoNotWait() throws InterruptedException {
    inbox.accept(accept());

    assertThat(inbox.take(LONG).accepts()).hasSize(1);
  }

  @Test
  void whatBecameOfJobsWaitsForCompanyButNotForLong() throws InterruptedException {
    inbox.change(progress());

    assertThat(inbox.take(LONG).changes()).hasSize(1);
  }

  @Test
  void whatBecameOfJobsIsNotLostBesideNewJobs() throws InterruptedException {
    inbox.change(progress());
    inbox.accept(accept());

    // Whether it is written with the new job or after it depends on the time.
    Batch first = inbox.take(LONG);
    List<Change> changes = new ArrayList<>(first.changes());
    if (changes.isEmpty()) {
      changes.addAll(inbox.take(LONG).changes());
    }

    assertThat(first.accepts()).hasSize(1);
    assertThat(changes).hasSize(1);
  }

  @Test
  void muchThatBecameOfJobsGoesWithNewJobs() throws InterruptedException {
    for (int i = 0; i < 1_000; i++) {
      inbox.change(progress());
    }
    inbox.accept(accept());

    Batch all = inbox.take(LONG);

    assertThat(all.accepts()).hasSize(1);
    assertThat(all.changes()).hasSize(1_000);
  }

  @Test
  void aJobThatIsHandedBackGoesAtOnceWithNewOnes() throws InterruptedException {
    inbox.change(progress());
    inbox.change(new Change.HandBack(2));
    inbox.accept(accept());

    Batch all = inbox.take(LONG);

    assertThat(all.accepts()).hasSize(1);
    assertThat(all.changes()).hasSize(2);
  }

  @Test
  void onceItIsClosedNothingWaits() throws InterruptedException {
    inbox.change(progress());
    inbox.accept(accept());
    inbox.close();

    Batch all = inbox.take(LONG);

    assertThat(all.accepts()).hasSize(1);
    assertThat(all.changes()).hasSize(1);
  }

  private static Change progress() {
    return new Change.Progress(1, JobStory.getDefaultInstance());
  }

  private static Accept accept() {
    JobRecord record = JobRecord.newBuilder().setFunction("f").build();
    return new Accept(
        new NewRow("id", record, Payload.getDefaultInstance(), Start.NOW, false),
        1,
        new CompletableFuture<>());
  }
}
