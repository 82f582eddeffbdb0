package io.clutch.durable.internal.store;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.common.collect.ImmutableSet;
import com.google.common.collect.Iterables;
import com.google.protobuf.ByteString;
import io.clutch.durable.internal.record.JobRecord;
import io.clutch.durable.internal.record.JobStory;
import io.clutch.v1.JobAttempt;
import io.clutch.v1.JobOptions;
import io.clutch.v1.JobOptions.Priority;
import io.clutch.v1.Payload;
import io.clutch.worker.jobs.AcceptedJob;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What every store does. */
public abstract class JobStoreContract {

  /** In ms since 1970, long ago for those who compare. */
  protected static final long NOW = 1_700_000_000_000L;

  private static final long HOUR = 3_600_000;

  private static final Payload ARGUMENT =
      Payload.newBuilder().setData(ByteString.copyFrom(new byte[] {0, 1, -1, '\\'})).build();

  private final List<JobStore> opened = Collections.synchronizedList(new ArrayList<>());
  private final AtomicInteger processes = new AtomicInteger();

  /** The store of one test; again and again the same one. */
  protected abstract JobStores stores(int process) throws Exception;

  /** Runs a statement of somebody else's on the store's database; says how many rows it changed. */
  protected abstract int sql(String statement) throws Exception;

  /** One more process of that store. */
  protected final JobStore open() throws Exception {
    JobStore store = stores(processes.incrementAndGet()).open(false);
    opened.add(store);
    return store;
  }

  /** Ends a process; what it owns it leaves behind. */
  protected final void die(JobStore store) {
    opened.remove(store);
    store.close();
  }

  protected JobStore store;

  @BeforeEach
  final void openFirst() throws Exception {
    store = open();
  }

  @AfterEach
  final void closeAll() {
    opened.forEach(JobStore::close);
  }

  /** A process as its row in the store says. */
  protected static Owner owner(long id, int process) {
    return new Owner(id, "here", "", 0, 1, process, 0);
  }

  protected static JobRecord record(String function, String uniqueKey, Priority priority) {
    return JobRecord.newBuilder()
        .setFunction(function)
        .setOptions(JobOptions.newBuilder().setUniqueKey(uniqueKey).setPriority(priority))
        .setAcceptedMillis(NOW)
        .build();
  }

  protected static NewRow row(String id, String function) {
    return row(id, function, "", Priority.NORMAL, Start.NOW);
  }

  private static NewRow row(
      String id, String function, String key, Priority priority, Start start) {
    return new NewRow(id, record(function, key, priority), ARGUMENT, start, false);
  }

  private static NewRow keyed(String id, String key) {
    return row(id, "f", key, Priority.NORMAL, Start.NOW);
  }

  protected static List<AcceptedJob> accept(JobStore store, NewRow... rows) throws StoreException {
    return store.write(new Changes(List.of(rows), List.of(), 0, ImmutableSet.of("f"))).accepted();
  }

  protected static List<TakenJob> take(JobStore store, int wanted, String... functions)
      throws StoreException {
    return store
        .write(
            new Changes(
                List.of(),
                List.of(),
                wanted,
                functions.length == 0 ? ImmutableSet.of("f") : ImmutableSet.copyOf(functions)))
        .taken();
  }

  /** Takes one and starts it. */
  protected static TakenJob start(JobStore store) throws StoreException {
    TakenJob job = Iterables.getOnlyElement(take(store, 1));
    assertThat(store.marks().start(job, NOW)).isTrue();
    return job;
  }

  protected static void change(JobStore store, Change... changes) throws StoreException {
    Written unused = store.write(new Changes(List.of(), List.of(changes), 0, ImmutableSet.of("f")));
    for (Change change : changes) {
      if (!(change instanceof Change.Progress)) {
        store.marks().settle(change.seq());
      }
    }
  }

  protected static Change.End end(TakenJob job, RowState state) {
    return end(job, state, null);
  }

  private static Change.End end(TakenJob job, RowState state, @Nullable Payload result) {
    return new Change.End(
        job.seq(),
        state,
        job.attempts() + 1,
        NOW + HOUR,
        JobStory.newBuilder().setEndedMillis(NOW).setWorker("w").build(),
        result);
  }

  private static Change.Again again(TakenJob job, Start start) {
    return new Change.Again(
        job.seq(),
        job.attempts() + 1,
        start,
        JobStory.newBuilder()
            .addFailedAttempts(JobAttempt.newBuilder().setNumber(job.attempts() + 1))
            .build());
  }

  private static List<String> ids(List<TakenJob> jobs) {
    return jobs.stream().map(TakenJob::jobId).toList();
  }

  private static List<String> names(List<StoredJob> jobs) {
    return jobs.stream().map(StoredJob::jobId).toList();
  }

  protected final StoredJob found(String id) throws StoreException {
    return store.find(id).orElseThrow();
  }

  @Test
  void acceptedJobIsFoundAsItCame() throws Exception {
    assertThat(accept(store, row("a", "f"))).containsExactly(new AcceptedJob("a", false));

    StoredJob job = found("a");
    assertThat(job.state()).isEqualTo(RowState.PENDING);
    assertThat(job.attempts()).isZero();
    assertThat(job.worker()).isEmpty();
    assertThat(job.record()).isEqualTo(record("f", "", Priority.NORMAL));
    assertThat(store.find("b")).isEmpty();
  }

  @Test
  void sameIdIsOneJob() throws Exception {
    assertThat(accept(store, row("a", "f"), row("b", "f"), row("a", "f")))
        .containsExactly(
            new AcceptedJob("a", false), new AcceptedJob("b", false), new AcceptedJob("a", true));
    assertThat(accept(store, row("c", "f"), row("a", "f")))
        .containsExactly(new AcceptedJob("c", false), new AcceptedJob("a", true));
    assertThat(ids(take(store, 10))).containsExactly("a", "b", "c");
  }

  @Test
  void sameKeyIsOneJobUntilItHasEnded() throws Exception {
    assertThat(accept(store, keyed("a", "k"), keyed("b", "k"), keyed("c", "other")))
        .containsExactly(
            new AcceptedJob("a", false), new AcceptedJob("a", true), new AcceptedJob("c", false));
    assertThat(accept(store, keyed("d", "k"))).containsExactly(new AcceptedJob("a", true));

    change(store, end(start(store), RowState.DONE));

    assertThat(accept(store, keyed("d", "k"), keyed("a", "k")))
        .containsExactly(new AcceptedJob("d", false), new AcceptedJob("a", true));
  }

  @Test
  void idsAndKeysOfOneBatchAreJudgedOneAfterTheOther() throws Exception {
    List<AcceptedJob> unused = accept(store, keyed("held", "k"));

    assertThat(
            accept(
                store,
                keyed("x", "k"),
                keyed("x", ""),
                keyed("x", "new"),
                keyed("y", "new"),
                keyed("held", "new"),
                keyed("z", "new")))
        .containsExactly(
            new AcceptedJob("held", true),
            new AcceptedJob("x", false),
            new AcceptedJob("x", true),
            new AcceptedJob("y", false),
            new AcceptedJob("held", true),
            new AcceptedJob("y", true));
  }

  @Test
  void largeBatchKeepsItsOrder() throws Exception {
    List<NewRow> rows = new ArrayList<>();
    for (int i = 0; i < 2_500; i++) {
      rows.add(row("job-" + i, "f"));
    }

    Written written = store.write(new Changes(rows, List.of(), 3_000, ImmutableSet.of("f")));

    assertThat(written.accepted()).hasSize(2_500).noneMatch(AcceptedJob::existed);
    assertThat(written.fromPending()).isEqualTo(2_500);
    assertThat(ids(written.taken())).isEqualTo(rows.stream().map(NewRow::jobId).toList());
  }

  @Test
  void newJobsAreTakenAtOnceWhereThatIsWanted() throws Exception {
    Written written =
        store.write(
            new Changes(
                List.of(row("a", "f").take(), row("b", "f"), row("a", "f").take()),
                List.of(),
                0,
                ImmutableSet.of("f")));

    assertThat(ids(written.taken())).containsExactly("a");
    assertThat(written.taken().get(0).attempts()).isZero();
    assertThat(written.fromPending()).isZero();
    assertThat(ids(take(store, 5))).containsExactly("b");
  }

  @Test
  void takesTheOldestOfThoseThatItCanRun() throws Exception {
    List<AcceptedJob> unused =
        accept(store, row("a", "f"), row("b", "g"), row("c", "h"), row("d", "f"), row("e", "g"));

    assertThat(ids(take(store, 3, "f", "g", "unknown"))).containsExactly("a", "b", "d");
    assertThat(ids(take(store, 3, "f"))).isEmpty();
    assertThat(ids(take(store, 3, "f", "g"))).containsExactly("e");
    assertThat(store.hasPending(ImmutableSet.of("f", "g"))).isFalse();
    assertThat(store.hasPending(ImmutableSet.of("h"))).isTrue();
  }

  @Test
  void higherPrioritiesHaveMoreTurnsButNotAll() throws Exception {
    List<NewRow> rows = new ArrayList<>();
    for (int i = 0; i < 30; i++) {
      for (Priority priority : List.of(Priority.LOW, Priority.NORMAL, Priority.HIGH)) {
        rows.add(row(priority + "-" + i, "f", "", priority, Start.NOW));
      }
    }
    List<AcceptedJob> unused = accept(store, rows.toArray(new NewRow[0]));

    List<String> taken = ids(take(store, 21));

    assertThat(taken.get(0)).isEqualTo("HIGH-0");
    assertThat(taken).filteredOn(id -> id.startsWith("HIGH")).hasSize(16).contains("HIGH-15");
    assertThat(taken).filteredOn(id -> id.startsWith("NORMAL")).contains("NORMAL-0", "NORMAL-3");
    assertThat(taken).filteredOn(id -> id.startsWith("LOW")).containsExactly("LOW-0");
    assertThat(take(store, 100)).hasSize(69);
  }

  @Test
  void scheduledJobsArePromotedWhenTheirTimeHasCome() throws Exception {
    List<AcceptedJob> unused =
        accept(
            store,
            row("late", "f", "", Priority.NORMAL, Start.at(NOW, NOW + 2_000)),
            row("soon", "f", "", Priority.NORMAL, Start.after(NOW, 1_000)));

    assertThat(found("soon").state()).isEqualTo(RowState.SCHEDULED);
    assertThat(found("soon").dueMillis()).isEqualTo(NOW + 1_000);
    assertThat(store.promote(NOW)).isEqualTo(NOW + 1_000);
    assertThat(take(store, 5)).isEmpty();
    assertThat(store.promote(NOW + 1_000)).isEqualTo(NOW + 2_000);
    assertThat(ids(take(store, 5))).containsExactly("soon");
    assertThat(store.promote(NOW + 5_000)).isEqualTo(Long.MAX_VALUE);
    assertThat(ids(take(store, 5))).containsExactly("late");
  }

  @Test
  void manyThatAreDueArePromotedSomeAtATime() throws Exception {
    NewRow[] rows = new NewRow[4_500];
    for (int i = 0; i < rows.length; i++) {
      rows[i] = row("job-" + i, "f", "", Priority.NORMAL, Start.after(NOW, 1_000 + i));
    }
    List<AcceptedJob> unused = accept(store, rows);

    assertThat(store.promote(NOW + HOUR)).isLessThanOrEqualTo(NOW + HOUR);
    assertThat(store.counts())
        .containsEntry(RowState.PENDING, 2_000L)
        .containsEntry(RowState.SCHEDULED, 2_500L);
    assertThat(found("job-1999").state()).isEqualTo(RowState.PENDING);
    assertThat(store.promote(NOW + HOUR)).isLessThanOrEqualTo(NOW + HOUR);
    assertThat(store.promote(NOW + HOUR)).isEqualTo(Long.MAX_VALUE);
    assertThat(store.counts()).containsEntry(RowState.PENDING, 4_500L);
  }

  @Test
  void manyDelaysAreShortened() throws Exception {
    NewRow[] rows = new NewRow[2_500];
    for (int i = 0; i < rows.length; i++) {
      rows[i] = row("job-" + i, "f", "", Priority.NORMAL, Start.after(NOW, 1_000));
    }
    List<AcceptedJob> unused = accept(store, rows);

    assertThat(store.shortenDelays(NOW - HOUR)).isEqualTo(2_500);
    assertThat(store.promote(NOW - HOUR)).isEqualTo(NOW - HOUR + 1_000);
  }

  /** It has so long left to start. */
  private static NewRow expiring(String id, String key, Start start, long millisLeft) {
    JobRecord.Builder record = record("f", key, Priority.NORMAL).toBuilder();
    record.setAcceptedMillis(NOW - 60_000 + millisLeft);
    record
        .getOptionsBuilder()
        .setExpiresAfter(com.google.protobuf.Duration.newBuilder().setSeconds(60));
    return new NewRow(id, record.build(), ARGUMENT, start, false);
  }

  @Test
  void jobsThatDoNotStartInTimeEnd() throws Exception {
    List<AcceptedJob> unused =
        accept(
            store,
            expiring("a", "k", Start.NOW, 1_000),
            expiring("b", "", Start.after(NOW, HOUR), 1_000),
            expiring("c", "", Start.NOW, 2_000));

    assertThat(store.promote(NOW + 1_000)).isEqualTo(NOW + HOUR);
    assertThat(found("a").state()).isEqualTo(RowState.PENDING);
    assertThat(store.promote(NOW + 1_001)).isEqualTo(Long.MAX_VALUE);

    for (String id : List.of("a", "b")) {
      assertThat(found(id).state()).isEqualTo(RowState.EXPIRED);
      assertThat(found(id).story().getEndedMillis()).isEqualTo(NOW + 1_001);
    }
    assertThat(accept(store, keyed("next", "k"))).containsExactly(new AcceptedJob("next", false));
    assertThat(ids(take(store, 5))).containsExactly("c", "next");
    assertThat(store.purge(NOW + Rows.SET_ASIDE.toMillis())).isFalse();
    assertThat(store.find("a")).isPresent();
    assertThat(store.purge(NOW + Rows.SET_ASIDE.toMillis() + 2_000)).isFalse();
    assertThat(store.find("a")).isEmpty();
  }

  @Test
  void jobThatWasTakenOrStartedInTimeIsNotEnded() throws Exception {
    List<AcceptedJob> unused =
        accept(
            store,
            expiring("back", "", Start.NOW, 1_000),
            expiring("fails", "", Start.NOW, 1_000),
            expiring("retried", "", Start.NOW, 1_000));
    TakenJob back = Iterables.getOnlyElement(take(store, 1));
    TakenJob fails = start(store);
    assertThat(store.cancel("retried", NOW, NOW + HOUR)).isTrue();
    assertThat(store.retry("retried")).contains(new Retried(RowState.CANCELLED, null));

    assertThat(store.promote(NOW + 5_000)).isEqualTo(Long.MAX_VALUE);
    assertThat(store.counts()).containsEntry(RowState.EXPIRED, 0L);
    change(store, new Change.HandBack(back.seq()), again(fails, Start.NOW));
    assertThat(store.promote(NOW + 5_000)).isEqualTo(Long.MAX_VALUE);

    assertThat(found("back").state()).isEqualTo(RowState.EXPIRED);
    assertThat(found("back").attempts()).isZero();
    assertThat(found("fails").state()).isEqualTo(RowState.PENDING);
    assertThat(found("retried").state()).isEqualTo(RowState.PENDING);
  }

  @Test
  void manyThatExpireEndSomeAtATime() throws Exception {
    NewRow[] rows = new NewRow[2_500];
    for (int i = 0; i < rows.length; i++) {
      rows[i] = expiring("job-" + i, "", Start.NOW, 1_000);
    }
    List<AcceptedJob> unused = accept(store, rows);

    assertThat(store.promote(NOW + 5_000)).isEqualTo(NOW + 5_000);
    assertThat(store.counts()).containsEntry(RowState.EXPIRED, 2_000L);
    assertThat(store.promote(NOW + 5_000)).isEqualTo(Long.MAX_VALUE);
    assertThat(store.counts()).containsEntry(RowState.EXPIRED, 2_500L);
  }

  @Test
  void keyOfAJobThatHasExpiredIsFree() throws Exception {
    List<AcceptedJob> unused =
        accept(
            store,
            expiring("old", "k", Start.NOW, -1),
            expiring("same", "same", Start.NOW, -1),
            expiring("young", "y", Start.NOW, 1));

    assertThat(
            accept(
                store,
                keyed("new", "k"),
                keyed("newer", "k"),
                keyed("same", "same"),
                keyed("out", "y")))
        .containsExactly(
            new AcceptedJob("new", false),
            new AcceptedJob("new", true),
            new AcceptedJob("same", true),
            new AcceptedJob("young", true));

    assertThat(found("old").state()).isEqualTo(RowState.EXPIRED);
    assertThat(found("old").story().getEndedMillis()).isEqualTo(NOW);
    assertThat(store.retry("old")).contains(new Retried(RowState.EXPIRED, "new"));
  }

  @Test
  void keyOfAJobThatHasExpiredIsFreeForOneThatRunsAgain() throws Exception {
    List<AcceptedJob> unused = accept(store, keyed("a", "k"));
    assertThat(store.cancel("a", NOW, NOW + HOUR)).isTrue();
    unused = accept(store, expiring("b", "k", Start.NOW, -1));

    assertThat(store.retry("a")).contains(new Retried(RowState.CANCELLED, null));

    assertThat(found("b").state()).isEqualTo(RowState.EXPIRED);
    assertThat(accept(store, keyed("c", "k"))).containsExactly(new AcceptedJob("a", true));
  }

  @Test
  void delaysAreNotLongerForAClockThatWasSetBack() throws Exception {
    List<AcceptedJob> unused =
        accept(
            store,
            row("fixed", "f", "", Priority.NORMAL, Start.at(NOW, NOW + 1_000)),
            row("delayed", "f", "", Priority.NORMAL, Start.after(NOW, 1_000)));

    assertThat(store.shortenDelays(NOW + 1)).isZero();
    assertThat(store.shortenDelays(NOW - HOUR)).isEqualTo(1);
    assertThat(found("delayed").dueMillis()).isEqualTo(NOW - HOUR + 1_000);
    assertThat(found("fixed").dueMillis()).isEqualTo(NOW + 1_000);
  }

  @Test
  void endedJobIsKeptWithoutItsArgument() throws Exception {
    List<AcceptedJob> unused = accept(store, row("a", "f"));

    change(store, end(start(store), RowState.DONE));

    StoredJob job = found("a");
    assertThat(job.state()).isEqualTo(RowState.DONE);
    assertThat(job.attempts()).isEqualTo(1);
    assertThat(job.startedMillis()).isZero();
    assertThat(job.story().getEndedMillis()).isEqualTo(NOW);
    assertThat(withoutArgument("a")).isTrue();
  }

  private boolean withoutArgument(String id) throws Exception {
    return sql(
            "UPDATE clutch_job SET attempts = attempts"
                + " WHERE payload IS NULL AND job_id = '%s'".formatted(id))
        == 1;
  }

  @Test
  void jobThatEndedOtherwiseKeepsItsArgument() throws Exception {
    List<AcceptedJob> unused = accept(store, row("dead", "f"), row("cancelled", "f"));
    change(store, end(start(store), RowState.DEAD));
    assertThat(store.cancel("cancelled", NOW, NOW + HOUR)).isTrue();

    for (String id : List.of("dead", "cancelled")) {
      assertThat(withoutArgument(id)).isFalse();
      assertThat(store.retry(id)).isPresent();
      assertThat(start(store).payload()).isEqualTo(ARGUMENT);
    }
  }

  @Test
  void resultIsKeptWhereThatIsWanted() throws Exception {
    List<AcceptedJob> unused =
        accept(store, row("value", "f"), row("empty", "f"), row("none", "f"), row("waits", "f"));
    Payload value = Payload.newBuilder().setJson("1").build();

    change(
        store,
        end(start(store), RowState.DONE, value),
        end(start(store), RowState.DONE, Payload.getDefaultInstance()),
        end(start(store), RowState.DONE));

    assertThat(store.result("value")).contains(value);
    assertThat(store.result("empty")).contains(Payload.getDefaultInstance());
    for (String without : List.of("none", "waits", "unknown")) {
      assertThat(store.result(without)).isEmpty();
    }
  }

  @Test
  void largeArgumentsAreTakenSomeAtATime() throws Exception {
    Payload large = Payload.newBuilder().setData(ByteString.copyFrom(new byte[3 << 20])).build();
    List<NewRow> rows = new ArrayList<>();
    for (int i = 0; i < 13; i++) {
      rows.add(new NewRow("job-" + i, record("f", "", Priority.NORMAL), large, Start.NOW, false));
    }
    List<AcceptedJob> unused = accept(store, rows.toArray(new NewRow[0]));
    Changes wanted = new Changes(List.of(), List.of(), 50, ImmutableSet.of("f"));

    List<Written> goes = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      goes.add(store.write(wanted));
    }

    assertThat(goes).extracting(Written::fromPending).containsExactly(6, 6, 1);
    assertThat(goes).extracting(Written::mayBeMore).containsExactly(true, true, false);
    List<TakenJob> taken = goes.stream().flatMap(written -> written.taken().stream()).toList();
    assertThat(ids(taken)).isEqualTo(rows.stream().map(NewRow::jobId).toList());
    assertThat(taken).allMatch(job -> job.payload().equals(large));
  }

  @Test
  void jobOfAnySizeIsTaken() throws Exception {
    Payload huge = Payload.newBuilder().setData(ByteString.copyFrom(new byte[17 << 20])).build();
    List<AcceptedJob> unused =
        accept(store, new NewRow("a", record("f", "", Priority.NORMAL), huge, Start.NOW, false));

    assertThat(Iterables.getOnlyElement(take(store, 5)).payload()).isEqualTo(huge);
  }

  @Test
  void saysWhetherMoreMayBePending() throws Exception {
    List<AcceptedJob> unused = accept(store, row("a", "f"), row("b", "f"), row("c", "f"));

    assertThat(store.write(new Changes(List.of(), List.of(), 2, ImmutableSet.of("f"))).mayBeMore())
        .isTrue();
    assertThat(store.write(new Changes(List.of(), List.of(), 2, ImmutableSet.of("f"))).mayBeMore())
        .isFalse();
    assertThat(store.write(new Changes(List.of(), List.of(), 2, ImmutableSet.of("f"))).mayBeMore())
        .isFalse();
  }

  @Test
  void runningJobSaysSinceWhenAndWhere() throws Exception {
    List<AcceptedJob> unused = accept(store, row("a", "f"));
    TakenJob job = start(store);
    JobStory story = JobStory.newBuilder().setWorker("w").build();

    change(store, new Change.Progress(job.seq(), story));

    StoredJob stored = found("a");
    assertThat(stored.state()).isEqualTo(RowState.STARTED);
    assertThat(stored.attempts()).isEqualTo(1);
    assertThat(stored.startedMillis()).isEqualTo(NOW);
    assertThat(stored.worker()).isEqualTo(store.self().name());
    assertThat(stored.story()).isEqualTo(story);
  }

  @Test
  void failedJobRunsAgainWithItsStory() throws Exception {
    List<AcceptedJob> unused = accept(store, keyed("a", "k"));
    TakenJob first = start(store);
    assertThat(first.attempts()).isZero();

    change(store, again(first, Start.NOW));
    TakenJob second = start(store);
    change(store, again(second, Start.after(NOW, 500)));

    assertThat(second.attempts()).isEqualTo(1);
    assertThat(second.payload()).isEqualTo(ARGUMENT);
    assertThat(second.story().getFailedAttemptsCount()).isEqualTo(1);
    assertThat(found("a").state()).isEqualTo(RowState.SCHEDULED);
    assertThat(found("a").attempts()).isEqualTo(2);
    assertThat(accept(store, keyed("b", "k"))).containsExactly(new AcceptedJob("a", true));
  }

  @Test
  void jobThatIsHandedBackWasNotStarted() throws Exception {
    List<AcceptedJob> unused = accept(store, row("a", "f"));
    TakenJob job = Iterables.getOnlyElement(take(store, 1));

    change(store, new Change.HandBack(job.seq()));

    assertThat(found("a").state()).isEqualTo(RowState.PENDING);
    assertThat(found("a").attempts()).isZero();
    assertThat(start(store).attempts()).isZero();
  }

  @Test
  void jobIsForItsOwnerToEnd() throws Exception {
    JobStore other = open();
    List<AcceptedJob> unused = accept(store, row("a", "f"));
    TakenJob job = start(store);

    change(other, end(job, RowState.DONE));
    change(other, again(job, Start.NOW));
    change(other, new Change.HandBack(job.seq()));
    change(other, new Change.Progress(job.seq(), JobStory.newBuilder().setWorker("x").build()));

    assertThat(found("a").state()).isEqualTo(RowState.STARTED);
    assertThat(found("a").attempts()).isEqualTo(1);
    assertThat(found("a").story().getWorker()).isEmpty();
    change(store, end(job, RowState.DONE));
    assertThat(found("a").state()).isEqualTo(RowState.DONE);
  }

  @Test
  void jobThatWaitsIsCancelledAtOnce() throws Exception {
    List<AcceptedJob> unused =
        accept(
            store,
            keyed("pending", "k"),
            row("scheduled", "f", "", Priority.NORMAL, Start.after(NOW, HOUR)));

    assertThat(store.cancel("pending", NOW + 1, NOW + HOUR)).isTrue();
    assertThat(store.cancel("scheduled", NOW + 1, NOW + HOUR)).isTrue();
    assertThat(store.cancel("unknown", NOW + 1, NOW + HOUR)).isFalse();

    assertThat(found("pending").state()).isEqualTo(RowState.CANCELLED);
    assertThat(found("pending").story().getEndedMillis()).isEqualTo(NOW + 1);
    assertThat(found("scheduled").state()).isEqualTo(RowState.CANCELLED);
    assertThat(take(store, 5)).isEmpty();
    assertThat(store.promote(NOW + 2 * HOUR)).isEqualTo(Long.MAX_VALUE);
    assertThat(accept(store, keyed("next", "k"))).containsExactly(new AcceptedJob("next", false));
  }

  @Test
  void ownerOfARunningJobIsAskedToStopIt() throws Exception {
    JobStore other = open();
    List<AcceptedJob> unused = accept(store, row("a", "f"));
    TakenJob job = start(store);

    assertThat(other.cancel("a", NOW, NOW + HOUR)).isTrue();

    assertThat(store.stopsAsked()).containsExactly(job.seq());
    assertThat(other.stopsAsked()).isEmpty();
    change(store, end(job, RowState.CANCELLED));
    assertThat(store.stopsAsked()).isEmpty();
    assertThat(store.cancel("a", NOW, NOW + HOUR)).isTrue();
    assertThat(found("a").state()).isEqualTo(RowState.CANCELLED);
  }

  @Test
  void unwantedJobThatWasNotStartedEnds() throws Exception {
    List<AcceptedJob> unused = accept(store, keyed("a", "k"));
    TakenJob job = Iterables.getOnlyElement(take(store, 1));
    assertThat(store.cancel("a", NOW, NOW + HOUR)).isTrue();

    change(store, new Change.HandBack(job.seq()));

    assertEndedAsUnwanted(0, 0);
  }

  @Test
  void unwantedJobThatFailedEnds() throws Exception {
    for (Start start : List.of(Start.NOW, Start.after(NOW, 500))) {
      String id = start.isNow() ? "b" : "a";
      List<AcceptedJob> unused = accept(store, keyed(id, "k"));
      TakenJob job = start(store);
      assertThat(store.cancel(id, NOW, NOW + HOUR)).isTrue();

      change(store, again(job, start));

      if (start.isNow()) {
        assertThat(found("b").state()).isEqualTo(RowState.CANCELLED);
      }
    }
    assertEndedAsUnwanted(1, 1);
  }

  @Test
  void unwantedJobOfTheDeadEnds() throws Exception {
    JobStore dying = open();
    List<AcceptedJob> unused = accept(store, keyed("a", "k"));
    TakenJob job = start(dying);
    assertThat(store.cancel("a", NOW, NOW + HOUR)).isTrue();
    Owner dead = Iterables.getOnlyElement(store.others());
    die(dying);

    assertThat(store.bury(dead, (taken, started) -> again(job, Start.NOW))).contains(1);

    assertEndedAsUnwanted(1, 1);
  }

  private void assertEndedAsUnwanted(int attempts, int failures) throws StoreException {
    StoredJob ended = found("a");
    assertThat(ended.state()).isEqualTo(RowState.CANCELLED);
    assertThat(ended.attempts()).isEqualTo(attempts);
    assertThat(ended.story().getFailedAttemptsCount()).isEqualTo(failures);
    assertThat(ended.story().getEndedMillis()).isEqualTo(NOW);
    assertThat(take(store, 5)).isEmpty();
    assertThat(store.promote(NOW + HOUR)).isEqualTo(Long.MAX_VALUE);
    assertThat(accept(store, keyed("next", "k"))).containsExactly(new AcceptedJob("next", false));
    assertThat(store.purge(NOW + Rows.SET_ASIDE.toMillis() - 1)).isFalse();
    assertThat(store.find("a")).isPresent();
    assertThat(store.purge(NOW + Rows.SET_ASIDE.toMillis() + 1)).isFalse();
    assertThat(store.find("a")).isEmpty();
  }

  @Test
  void jobThatWasSetAsideIsTriedFromTheBeginning() throws Exception {
    List<AcceptedJob> unused = accept(store, keyed("a", "k"));
    change(store, again(start(store), Start.NOW));
    TakenJob second = start(store);
    change(store, new Change.End(second.seq(), RowState.DEAD, 2, NOW + HOUR, second.story(), null));
    assertThat(found("a").attempts()).isEqualTo(2);

    assertThat(store.retry("a")).contains(new Retried(RowState.DEAD, null));

    assertThat(accept(store, keyed("b", "k"))).containsExactly(new AcceptedJob("a", true));
    TakenJob again = start(store);
    assertThat(again.attempts()).isZero();
    assertThat(again.payload()).isEqualTo(ARGUMENT);
    assertThat(again.story().getFailedAttemptsCount()).isEqualTo(1);
    assertThat(store.retry("a"))
        .hasValueSatisfying(s -> assertThat(s.before()).isNotIn(RowState.DONE));
    change(store, end(again, RowState.DONE));
    assertThat(store.retry("a")).contains(new Retried(RowState.DONE, null));
    assertThat(found("a").state()).isEqualTo(RowState.DONE);
    assertThat(store.retry("unknown")).isEmpty();
  }

  @Test
  void retriedJobDoesNotExpireAnyMore() throws Exception {
    JobRecord.Builder expires = record("f", "", Priority.NORMAL).toBuilder();
    expires.getOptionsBuilder().setExpiresAfter(com.google.protobuf.Duration.newBuilder());
    List<AcceptedJob> unused =
        accept(store, new NewRow("a", expires.build(), ARGUMENT, Start.after(NOW, HOUR), false));
    assertThat(store.cancel("a", NOW, NOW + HOUR)).isTrue();

    assertThat(store.retry("a")).contains(new Retried(RowState.CANCELLED, null));

    TakenJob again = start(store);
    assertThat(again.record()).isEqualTo(record("f", "", Priority.NORMAL));
    assertThat(found("a").record()).isEqualTo(again.record());
  }

  @Test
  void jobWhoseKeyAnotherOneHasIsNotRunAgain() throws Exception {
    List<AcceptedJob> unused = accept(store, keyed("a", "k"));
    assertThat(store.cancel("a", NOW, NOW + HOUR)).isTrue();
    assertThat(accept(store, keyed("b", "k"))).containsExactly(new AcceptedJob("b", false));

    assertThat(store.retry("a")).contains(new Retried(RowState.CANCELLED, "b"));

    assertThat(found("a").state()).isEqualTo(RowState.CANCELLED);
    change(store, end(start(store), RowState.DONE));
    assertThat(store.retry("a")).contains(new Retried(RowState.CANCELLED, null));
    assertThat(accept(store, keyed("c", "k"))).containsExactly(new AcceptedJob("a", true));
  }

  @Test
  void retriedJobIsNotStoppedForAnEarlierWish() throws Exception {
    List<AcceptedJob> unused = accept(store, row("a", "f"));
    TakenJob job = start(store);
    assertThat(store.cancel("a", NOW, NOW + HOUR)).isTrue();
    change(store, again(job, Start.NOW));

    assertThat(store.retry("a")).contains(new Retried(RowState.CANCELLED, null));
    TakenJob again = start(store);

    assertThat(again.jobId()).isEqualTo("a");
    assertThat(store.stopsAsked()).isEmpty();
  }

  @Test
  void scheduledJobCanBeHadNow() throws Exception {
    List<AcceptedJob> unused =
        accept(store, row("a", "f", "", Priority.NORMAL, Start.after(NOW, HOUR)));

    assertThat(store.retry("a")).contains(new Retried(RowState.SCHEDULED, null));

    assertThat(ids(take(store, 1))).containsExactly("a");
  }

  @Test
  void jobThatCannotBeReadIsSetAsideAndKeepsNoneFromRunning() throws Exception {
    List<AcceptedJob> unused = accept(store, keyed("a", "k"), row("b", "f"));
    assertThat(sql("UPDATE clutch_job SET record = " + bytes("ff") + " WHERE job_id = 'a'"))
        .isOne();

    assertThat(ids(take(store, 5))).containsExactly("b");

    assertSetAsideAsUnreadable("a");
    assertThat(names(store.list(RowState.DEAD, null, 5, 0))).containsExactly("a");
    assertThat(store.retry("a")).contains(new Retried(RowState.DEAD, null));
    assertThat(take(store, 5)).isEmpty();
    assertSetAsideAsUnreadable("a");
  }

  @Test
  void jobWhoseArgumentCannotBeReadIsSetAside() throws Exception {
    List<AcceptedJob> unused = accept(store, row("a", "f"), row("b", "f"));
    assertThat(sql("UPDATE clutch_job SET payload = " + bytes("ff") + " WHERE job_id = 'a'"))
        .isOne();

    assertThat(names(store.list(RowState.PENDING, null, 5, 0))).containsExactly("a", "b");
    assertThat(ids(take(store, 5))).containsExactly("b");

    assertThat(found("a").state()).isEqualTo(RowState.DEAD);
    assertThat(found("a").story().getFailedAttempts(0).getMessage()).contains("cannot be read");
  }

  @Test
  void jobOfTheDeadThatCannotBeReadIsSetAside() throws Exception {
    JobStore dying = open();
    List<AcceptedJob> unused = accept(store, row("a", "f"), row("b", "f"));
    assertThat(take(dying, 2)).hasSize(2);
    assertThat(sql("UPDATE clutch_job SET record = " + bytes("ff") + " WHERE job_id = 'a'"))
        .isOne();
    Owner dead = Iterables.getOnlyElement(store.others());
    die(dying);

    assertThat(store.bury(dead, (job, started) -> new Change.HandBack(job.seq()))).contains(2);

    assertSetAsideAsUnreadable("a");
    assertThat(ids(take(store, 5))).containsExactly("b");
  }

  /** A literal. */
  protected abstract String bytes(String hex);

  private void assertSetAsideAsUnreadable(String id) throws StoreException {
    StoredJob aside = found(id);
    assertThat(aside.state()).isEqualTo(RowState.DEAD);
    assertThat(aside.attempts()).isZero();
    assertThat(aside.record()).isEqualTo(JobRecord.newBuilder().setFunction("f").build());
    assertThat(aside.story().getFailedAttempts(0).getMessage()).contains("cannot be read");
  }

  @Test
  void jobsOfTheDeadAreFree() throws Exception {
    JobStore dying = open();
    List<AcceptedJob> unused = accept(store, row("again", "f"), row("end", "f"), row("free", "f"));
    TakenJob again = start(dying);
    TakenJob ends = start(dying);
    Owner dead =
        Iterables.getOnlyElement(
            store.others().stream().filter(o -> o.id() == dying.self().id()).toList());
    assertThat(dead.name()).isEqualTo(dying.self().name());
    die(dying);

    List<String> judged = new ArrayList<>();
    Optional<Integer> jobs =
        store.bury(
            dead,
            (job, started) -> {
              assertThat(started).isEqualTo(NOW);
              assertThat(job.attempts()).isZero();
              judged.add(job.jobId());
              return job.seq() == again.seq() ? again(job, Start.NOW) : end(job, RowState.DEAD);
            });

    assertThat(jobs).contains(2);
    assertThat(judged).containsExactlyInAnyOrder("again", "end");
    assertThat(found("again").state()).isEqualTo(RowState.PENDING);
    assertThat(found("again").attempts()).isEqualTo(1);
    assertThat(found("end").state()).isEqualTo(RowState.DEAD);
    assertThat(ends.jobId()).isEqualTo("end");
    assertThat(store.others()).isEmpty();
    assertThat(store.bury(dead, (job, started) -> end(job, RowState.DEAD))).contains(0);
  }

  @Test
  void whoOwnsNothingLeavesNothing() throws Exception {
    JobStore other = open();
    assertThat(store.others()).hasSize(1);

    die(other);

    assertThat(store.others()).isEmpty();
  }

  @Test
  void endedJobsAreForgottenWhenTheirTimeIsOver() throws Exception {
    List<AcceptedJob> unused = accept(store, row("a", "f"), row("b", "f"), row("c", "f"));
    change(store, end(start(store), RowState.DONE), end(start(store), RowState.DEAD));

    assertThat(store.purge(NOW + HOUR - 1)).isFalse();
    assertThat(store.find("a")).isPresent();
    assertThat(store.purge(NOW + HOUR + 1)).isFalse();

    assertThat(store.find("a")).isEmpty();
    assertThat(store.find("b")).isEmpty();
    assertThat(store.find("c")).isPresent();
  }

  @Test
  void listsInPages() throws Exception {
    List<AcceptedJob> unused =
        accept(
            store,
            row("a", "f"),
            row("b", "g"),
            row("c", "f", "", Priority.HIGH, Start.NOW),
            row("d", "f", "", Priority.NORMAL, Start.after(NOW, 2_000)),
            row("e", "f", "", Priority.NORMAL, Start.after(NOW, 1_000)),
            row("r", "run"),
            row("s", "run"));
    List<TakenJob> running = take(store, 2, "run");
    running.forEach(job -> assertThat(store.marks().start(job, NOW)).isTrue());

    assertThat(names(store.list(RowState.PENDING, null, 10, 0))).containsExactly("c", "a", "b");
    assertThat(names(store.list(RowState.PENDING, null, 2, 0))).containsExactly("c", "a");
    assertThat(names(store.list(RowState.PENDING, null, 2, 2))).containsExactly("b");
    assertThat(names(store.list(RowState.PENDING, "g", 2, 0))).containsExactly("b");
    assertThat(names(store.list(RowState.SCHEDULED, null, 10, 0))).containsExactly("e", "d");
    assertThat(names(store.list(RowState.STARTED, null, 10, 0))).containsExactly("r", "s");
    assertThat(names(store.list(RowState.STARTED, "f", 10, 0))).isEmpty();
    change(
        store,
        end(running.get(0), RowState.DONE),
        new Change.End(
            running.get(1).seq(), RowState.DONE, 1, NOW + 2 * HOUR, running.get(1).story(), null));
    assertThat(names(store.list(RowState.DONE, null, 10, 0))).containsExactly("s", "r");
    assertThat(names(store.list(RowState.DONE, "run", 1, 1))).containsExactly("r");
    assertThat(names(store.list(RowState.DEAD, null, 10, 0))).isEmpty();
  }

  @Test
  void countsEachState() throws Exception {
    List<AcceptedJob> unused =
        accept(
            store,
            row("a", "f"),
            row("b", "f"),
            row("c", "f"),
            row("d", "g"),
            row("e", "f", "", Priority.NORMAL, Start.after(NOW, 1_000)));
    change(store, end(start(store), RowState.DONE));
    TakenJob unusedJob = start(store);
    assertThat(store.cancel("c", NOW, NOW)).isTrue();

    assertThat(store.counts())
        .containsEntry(RowState.PENDING, 1L)
        .containsEntry(RowState.SCHEDULED, 1L)
        .containsEntry(RowState.STARTED, 1L)
        .containsEntry(RowState.DONE, 1L)
        .containsEntry(RowState.DEAD, 0L)
        .containsEntry(RowState.CANCELLED, 1L)
        .containsEntry(RowState.EXPIRED, 0L);
    assertThat(store.oldestPending().map(StoredJob::jobId)).contains("d");
  }

  @Test
  void oldestPendingIsSoAmongAllFunctionsAndPriorities() throws Exception {
    assertThat(store.oldestPending()).isEmpty();
    List<AcceptedJob> unused =
        accept(
            store,
            row("first", "z", "", Priority.LOW, Start.NOW),
            row("second", "a", "", Priority.HIGH, Start.NOW),
            row("third", "f"));

    assertThat(store.oldestPending().map(StoredJob::jobId)).contains("first");
    assertThat(take(store, 1, "z")).hasSize(1);
    assertThat(store.oldestPending().map(StoredJob::jobId)).contains("second");
  }

  @Test
  void manyProcessesTakeEachJobOnce() throws Exception {
    int jobs = 600;
    int processes = 4;
    List<NewRow> rows = new ArrayList<>();
    for (int i = 0; i < jobs; i++) {
      Priority priority = Arrays.asList(Priority.HIGH, Priority.NORMAL, Priority.LOW).get(i % 3);
      rows.add(row("job-" + i, i % 2 == 0 ? "f" : "g", "", priority, Start.NOW));
    }
    List<AcceptedJob> unused = accept(store, rows.toArray(new NewRow[0]));
    List<String> all = Collections.synchronizedList(new ArrayList<>());
    ExecutorService threads = Executors.newFixedThreadPool(processes);
    List<Future<Void>> done = new ArrayList<>();
    for (int i = 0; i < processes; i++) {
      JobStore process = open();
      Callable<Void> work =
          () -> {
            // One that skips what others are about to take may see none for a moment.
            for (int empty = 0; empty < 3; ) {
              List<TakenJob> taken = take(process, 7, "f", "g");
              empty = taken.isEmpty() ? empty + 1 : 0;
              all.addAll(ids(taken));
              Change[] ends =
                  taken.stream().map(job -> end(job, RowState.DONE)).toArray(Change[]::new);
              change(process, ends);
            }
            return null;
          };
      done.add(threads.submit(work));
    }
    for (Future<Void> one : done) {
      Void unusedResult = one.get(120, TimeUnit.SECONDS);
    }
    threads.shutdown();

    assertThat(all).hasSize(jobs).doesNotHaveDuplicates();
    assertThat(store.counts()).containsEntry(RowState.DONE, (long) jobs);
  }

  @Test
  void sameIdAtManyProcessesIsOneJob() throws Exception {
    int processes = 4;
    ExecutorService threads = Executors.newFixedThreadPool(processes);
    List<Future<List<AcceptedJob>>> answers = new ArrayList<>();
    for (int i = 0; i < processes; i++) {
      JobStore process = open();
      List<NewRow> rows = new ArrayList<>();
      for (int j = 0; j < 50; j++) {
        int number = i % 2 == 0 ? j : 49 - j;
        rows.add(keyed("id-" + (number % 5 == 0 ? i + "-" : "") + number, "key-" + number));
      }
      Callable<List<AcceptedJob>> work = () -> accept(process, rows.toArray(new NewRow[0]));
      answers.add(threads.submit(work));
    }
    List<AcceptedJob> all = new ArrayList<>();
    for (Future<List<AcceptedJob>> answer : answers) {
      all.addAll(answer.get(120, TimeUnit.SECONDS));
    }
    threads.shutdown();

    assertThat(all).hasSize(4 * 50);
    assertThat(all).filteredOn(job -> !job.existed()).hasSize(50);
    assertThat(all.stream().map(AcceptedJob::jobId).distinct()).hasSize(50);
  }

  @Test
  void livingProcessBeats() throws Exception {
    JobStore other = open();

    assertThat(store.beat()).isTrue();
    assertThat(store.isDead(Iterables.getOnlyElement(store.others()))).isFalse();
    assertThat(other.beat()).isTrue();
  }
}
