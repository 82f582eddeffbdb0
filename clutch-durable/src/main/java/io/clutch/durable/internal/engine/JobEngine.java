package io.clutch.durable.internal.engine;

import com.google.common.util.concurrent.ThreadFactoryBuilder;
import io.clutch.durable.internal.engine.Inbox.Accept;
import io.clutch.durable.internal.record.JobRecord;
import io.clutch.durable.internal.store.JobStore;
import io.clutch.durable.internal.store.JobStores;
import io.clutch.durable.internal.store.NewRow;
import io.clutch.durable.internal.store.Retried;
import io.clutch.durable.internal.store.RowState;
import io.clutch.durable.internal.store.Start;
import io.clutch.durable.internal.store.StoreException;
import io.clutch.durable.internal.store.StoredJob;
import io.clutch.protocol.ClutchException;
import io.clutch.protocol.Durations;
import io.clutch.protocol.Reason;
import io.clutch.protocol.Started;
import io.clutch.protocol.TimeOrderedIds;
import io.clutch.v1.CountJobsResponse;
import io.clutch.v1.Job;
import io.clutch.v1.JobOptions;
import io.clutch.v1.ListJobsRequest;
import io.clutch.v1.ListJobsResponse;
import io.clutch.v1.Payload;
import io.clutch.worker.jobs.AcceptedJob;
import io.clutch.worker.jobs.JobKeeper;
import io.clutch.worker.jobs.JobPlaces;
import io.clutch.worker.jobs.JobWatch;
import io.clutch.worker.jobs.NewJob;
import java.time.Duration;
import java.time.InstantSource;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;

/** A worker's jobs: what its callers want of them, and where that goes. Thread-safe. */
public final class JobEngine implements JobKeeper {

  private final InstantSource clock;

  /** For jobs whose callers gave none. */
  private final TimeOrderedIds ids;

  private final Inbox inbox = new Inbox();
  private final ReadyJobs ready;
  private final Undertaker undertaker;
  private final JobLoop loop;
  private final JobPages pages = new JobPages();
  private final Watches watches;

  /** Answers questions. */
  private final ScheduledExecutorService desk =
      Executors.newSingleThreadScheduledExecutor(
          new ThreadFactoryBuilder().setNameFormat("clutch-job-desk").setDaemon(true).build());

  /**
   * Begins to keep jobs; runs them when it is told to.
   *
   * @param retention how long it is remembered that a job is done
   */
  public JobEngine(JobStores stores, JobPlaces places, Duration retention, InstantSource clock) {
    this.clock = clock;
    this.ids = new TimeOrderedIds(clock);
    Verdicts verdicts = new Verdicts(retention);
    this.ready = new ReadyJobs(places, verdicts, clock, inbox::change);
    this.undertaker = new Undertaker(verdicts, clock);
    this.loop = new JobLoop(stores, places, inbox, ready, undertaker, clock);
    this.watches = new Watches(id -> find(id, false), desk);
    loop.start();
  }

  @Override
  public void start() {
    loop.runJobs();
  }

  @Override
  public CompletableFuture<AcceptedJob> accept(NewJob job) {
    CompletableFuture<AcceptedJob> done = new CompletableFuture<>();
    try {
      JobChecks.check(job.options());
      long now = clock.millis();
      JobOptions options = job.options();
      String id = options.getJobId().isEmpty() ? ids.next() : options.getJobId();
      JobRecord record =
          JobRecord.newBuilder()
              .setFunction(job.function())
              .addAllHeaders(job.headers())
              .setOrigin(job.origin())
              .setCallId(job.callId())
              .setOptions(options.toBuilder().clearJobId())
              .setAcceptedMillis(now)
              .build();
      NewRow row = new NewRow(id, record, job.payload(), start(options, now), false);
      inbox.accept(new Accept(row, row.bytes(), done));
    } catch (ClutchException e) {
      done.completeExceptionally(e);
    }
    return done;
  }

  private static Start start(JobOptions options, long now) {
    return switch (options.getStartCase()) {
      case DELAY -> Start.after(now, bounded(Durations.fromProto(options.getDelay())).toMillis());
      case AT -> Start.at(now, Times.fromProto(options.getAt()));
      case START_NOT_SET -> Start.NOW;
    };
  }

  private static Duration bounded(Duration duration) {
    return duration.compareTo(Durations.LONGEST) > 0 ? Durations.LONGEST : duration;
  }

  @Override
  public CompletableFuture<Job> job(String id, boolean withResult) {
    return ask(() -> find(id, withResult));
  }

  private Job find(String id, boolean withResult) {
    try {
      JobStore store = loop.store();
      StoredJob stored = store.find(id).orElseThrow(() -> unknown(id));
      Payload result = null;
      if (withResult && stored.story().getHasResult()) {
        // Where it is gone by now, so is the job.
        result = store.result(id).orElseThrow(() -> unknown(id));
      }
      return JobViews.of(stored, result, clock.millis());
    } catch (StoreException e) {
      throw unreadable(e);
    }
  }

  private static ClutchException unknown(String id) {
    return ClutchException.notStarted(
        Reason.JOB_NOT_FOUND, "there is no job '%s', or not any more".formatted(id));
  }

  private static ClutchException unreadable(StoreException e) {
    return JobLoop.unavailable(String.valueOf(e.getMessage()), Started.NO, e);
  }

  @Override
  public Runnable watch(String id, JobWatch watch) {
    return watches.watch(id, watch);
  }

  @Override
  public CompletableFuture<ListJobsResponse> jobs(ListJobsRequest request) {
    return ask(
        () -> {
          try {
            return pages.page(loop.store(), request, clock.millis());
          } catch (StoreException e) {
            throw unreadable(e);
          }
        });
  }

  @Override
  public CompletableFuture<CountJobsResponse> count() {
    return ask(
        () -> {
          try {
            return JobPages.count(loop.store());
          } catch (StoreException e) {
            throw unreadable(e);
          }
        });
  }

  @Override
  public CompletableFuture<Job> cancel(String id) {
    return order(
            store -> {
              long now = clock.millis();
              if (!store.cancel(id, now, now + Verdicts.SET_ASIDE.toMillis())) {
                throw unknown(id);
              }
              ready.cancel(store.stopsAsked());
            })
        .thenCompose(done -> job(id, false));
  }

  @Override
  public CompletableFuture<Job> retry(String id) {
    return order(
            store -> {
              Retried retried = store.retry(id).orElseThrow(() -> unknown(id));
              RowState before = retried.before();
              if (before == RowState.TAKEN
                  || before == RowState.STARTED
                  || before == RowState.DONE) {
                throw ClutchException.notStarted(
                    Reason.WRONG_JOB_STATE,
                    "the job '%s' is %s".formatted(id, JobViews.of(before)));
              }
              if (retried.keyHolder() != null) {
                throw ClutchException.notStarted(
                    Reason.WRONG_JOB_STATE,
                    "the job '%s' cannot run again yet: the job '%s' has its unique key"
                        .formatted(id, retried.keyHolder()));
              }
              loop.jobsWait();
            })
        .thenCompose(done -> job(id, false));
  }

  /** What is to be done with the store. */
  private interface Work {
    void run(JobStore store) throws StoreException;
  }

  private CompletableFuture<Void> order(Work work) {
    CompletableFuture<Void> done = new CompletableFuture<>();
    inbox.order(
        new Inbox.Order() {
          @Override
          public void run(JobStore store) throws StoreException {
            try {
              work.run(store);
              done.complete(null);
            } catch (ClutchException e) {
              done.completeExceptionally(e);
            }
          }

          @Override
          public void failed(ClutchException why) {
            done.completeExceptionally(why);
          }
        });
    return done;
  }

  /** A question about the store. */
  private interface Question<T> {
    T answer();
  }

  private <T> CompletableFuture<T> ask(Question<T> question) {
    try {
      return CompletableFuture.supplyAsync(question::answer, desk);
    } catch (RejectedExecutionException e) {
      return CompletableFuture.failedFuture(
          ClutchException.notStarted(Reason.DRAINING, "the worker is about to stop"));
    }
  }

  @Override
  public void placeFree() {
    loop.placeFree();
  }

  @Override
  public void jobsWait() {
    loop.jobsWait();
  }

  @Override
  public void childGone(int slot, long generation, long processId, String how) {
    inbox.order(
        new Inbox.Order() {
          @Override
          public void run(JobStore store) throws StoreException {
            undertaker.childGone(new Undertaker.Child(slot, generation, processId), how);
            if (undertaker.look(store)) {
              loop.jobsWait();
            }
          }

          @Override
          public void failed(ClutchException why) {
            undertaker.childGone(new Undertaker.Child(slot, generation, processId), how);
          }
        });
  }

  @Override
  public void drain() {
    ready.stop();
  }

  @Override
  public void close() {
    ready.stop();
    loop.close();
    watches.close(ClutchException.notStarted(Reason.DRAINING, "the worker has stopped"));
    desk.shutdownNow();
  }
}
