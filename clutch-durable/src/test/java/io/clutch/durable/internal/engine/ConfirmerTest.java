package io.clutch.durable.internal.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.mockito.Mockito.doAnswer;
import static org.mockito.Mockito.doThrow;
import static org.mockito.Mockito.mock;
import static org.mockito.Mockito.times;
import static org.mockito.Mockito.verify;

import io.clutch.durable.internal.engine.Inbox.Accept;
import io.clutch.durable.internal.record.JobRecord;
import io.clutch.durable.internal.store.JobStore;
import io.clutch.durable.internal.store.NewRow;
import io.clutch.durable.internal.store.Start;
import io.clutch.durable.internal.store.StoreException;
import io.clutch.protocol.ClutchException;
import io.clutch.protocol.Reason;
import io.clutch.protocol.Started;
import io.clutch.v1.Payload;
import io.clutch.worker.jobs.AcceptedJob;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(120)
class ConfirmerTest {

  private final Confirmer confirmer = new Confirmer();
  private final JobStore store = mock(JobStore.class);
  private final CountDownLatch syncs = new CountDownLatch(1);
  private final CountDownLatch disk = new CountDownLatch(1);

  @AfterEach
  void close() {
    confirmer.close();
  }

  @Test
  void jobsAreAcceptedOnceTheyAreOnTheDiskAndNotBefore() throws Exception {
    hold(store);

    CompletableFuture<AcceptedJob> job = confirm("a");
    syncs.await();
    assertThat(job).isNotDone();
    disk.countDown();

    assertThat(job.join().jobId()).isEqualTo("a");
  }

  @Test
  void whatWasWrittenDuringOneWaitSharesTheNext() throws Exception {
    hold(store);

    CompletableFuture<AcceptedJob> first = confirm("a");
    syncs.await();
    CompletableFuture<AcceptedJob> second = confirm("b");
    CompletableFuture<AcceptedJob> third = confirm("c");
    disk.countDown();

    assertThat(List.of(first.join(), second.join(), third.join()))
        .extracting(AcceptedJob::jobId)
        .containsExactly("a", "b", "c");
    verify(store, times(2)).sync();
  }

  @Test
  void whereTheDiskFailsItIsUnknownWhetherTheyAreAcceptedAndLaterOnesMayBe() throws Exception {
    doThrow(new StoreException("broken", StoreException.Effect.UNKNOWN, new IOException()))
        .doNothing()
        .when(store)
        .sync();

    CompletableFuture<AcceptedJob> lost = confirm("a");
    Throwable failure = catchThrowable(lost::join);
    CompletableFuture<AcceptedJob> accepted = confirm("b");

    assertThat(failure).isInstanceOf(CompletionException.class);
    assertThat((ClutchException) failure.getCause())
        .returns(Reason.STORE_UNAVAILABLE, ClutchException::reason)
        .returns(Started.UNKNOWN, ClutchException::started)
        .hasMessageContaining("broken");
    assertThat(accepted.join().jobId()).isEqualTo("b");
  }

  @Test
  void theStoresOfAGroupAreWaitedForEach() throws Exception {
    JobStore busy = mock(JobStore.class);
    hold(busy);
    JobStore other = mock(JobStore.class);

    CompletableFuture<AcceptedJob> first = confirm(busy, "a");
    syncs.await();
    CompletableFuture<AcceptedJob> here = confirm("b");
    CompletableFuture<AcceptedJob> there = confirm(other, "c");
    disk.countDown();

    assertThat(List.of(first.join(), here.join(), there.join()))
        .extracting(AcceptedJob::jobId)
        .containsExactly("a", "b", "c");
    verify(store).sync();
    verify(other).sync();
  }

  @Test
  void aDefectIsToldToo() throws Exception {
    doThrow(new IllegalStateException("a defect")).when(store).sync();

    Throwable failure = catchThrowable(confirm("a")::join);

    assertThat(failure).hasCauseInstanceOf(ClutchException.class);
  }

  @Test
  void closingItTellsEverybodyFirst() {
    List<CompletableFuture<AcceptedJob>> jobs = List.of(confirm("a"), confirm("b"));

    confirmer.close();

    assertThat(jobs).allMatch(CompletableFuture::isDone);
  }

  /** Its first wait for the disk lasts until {@link #disk} lets it go on. */
  private void hold(JobStore held) throws StoreException {
    doAnswer(
            call -> {
              syncs.countDown();
              disk.await();
              return null;
            })
        .doNothing()
        .when(held)
        .sync();
  }

  private CompletableFuture<AcceptedJob> confirm(String id) {
    return confirm(store, id);
  }

  private CompletableFuture<AcceptedJob> confirm(JobStore where, String id) {
    CompletableFuture<AcceptedJob> done = new CompletableFuture<>();
    NewRow row =
        new NewRow(
            id, JobRecord.getDefaultInstance(), Payload.getDefaultInstance(), Start.NOW, false);
    confirmer.confirm(
        where, List.of(new Accept(row, 1, done)), List.of(new AcceptedJob(id, false)));
    return done;
  }
}
