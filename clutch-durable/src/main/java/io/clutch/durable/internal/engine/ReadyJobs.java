package io.clutch.durable.internal.engine;

import com.google.common.collect.ImmutableList;
import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.clutch.durable.internal.record.JobRecord;
import io.clutch.durable.internal.store.Change;
import io.clutch.durable.internal.store.JobStore;
import io.clutch.durable.internal.store.StartMarks;
import io.clutch.durable.internal.store.TakenJob;
import io.clutch.protocol.ClutchException;
import io.clutch.protocol.Reason;
import io.clutch.protocol.Started;
import io.clutch.v1.JobProgress;
import io.clutch.v1.Payload;
import io.clutch.worker.jobs.JobOutcome;
import io.clutch.worker.jobs.JobPlaces;
import io.clutch.worker.jobs.JobRun;
import io.clutch.worker.jobs.NewJob;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The jobs that this process has taken: those that wait for a place, each with its mark when it
 * starts, and those that run. Thread-safe.
 */
final class ReadyJobs {

  /** Jobs that take less on the average are taken several at a time. */
  private static final double QUICK_NANOS = 1e6;

  /** How much the last run counts in that average. */
  private static final double WEIGHT = 0.1;

  /** How long nothing is started after that went wrong. */
  private static final long PAUSE_NANOS = 100_000_000;

  /** How long a job may wait here for its place, while another process may have one. */
  static final long PATIENCE_NANOS = 20_000_000;

  private static final Logger log = LoggerFactory.getLogger(ReadyJobs.class);

  private static final String UNWANTED = "the job was cancelled";

  private final JobPlaces places;
  private final Verdicts verdicts;
  private final InstantSource clock;
  private final Consumer<Change> changes;

  @GuardedBy("this")
  private final WaitingJobs ready = new WaitingJobs();

  @GuardedBy("this")
  private final Map<Long, Running> running = new HashMap<>();

  /** Null as long as there is no store. */
  @GuardedBy("this")
  private @Nullable StartMarks marks;

  @GuardedBy("this")
  private String worker = "";

  /** Since when the first one waits. */
  @GuardedBy("this")
  private long waitsSinceNanos;

  @GuardedBy("this")
  private double meanNanos = Double.MAX_VALUE;

  /** Whether what was taken ahead came to wait behind long ones, of which none has ended yet. */
  @GuardedBy("this")
  private boolean blocked;

  @GuardedBy("this")
  private boolean isPaused;

  @GuardedBy("this")
  private long pausedUntilNanos;

  @GuardedBy("this")
  private boolean stopped;

  /**
   * @param changes take what becomes of jobs
   */
  ReadyJobs(JobPlaces places, Verdicts verdicts, InstantSource clock, Consumer<Change> changes) {
    this.places = places;
    this.verdicts = verdicts;
    this.clock = clock;
    this.changes = changes;
  }

  /** Where to mark what starts, and who this is, for people. */
  synchronized void marks(StartMarks newMarks, String newWorker) {
    marks = newMarks;
    worker = newWorker;
  }

  /**
   * How many more could be taken.
   *
   * @param prefetch how many quick ones for each place, beyond those for free places
   */
  synchronized int room(int prefetch) {
    if (stopped || pauses()) {
      return 0;
    }
    int ahead = meanNanos < QUICK_NANOS && !blocked ? prefetch * places.concurrency() : 0;
    int free = places.free() - ready.size();
    if (ahead == 0 || ready.size() > ahead / 2 || ready.bytes() > JobStore.ENOUGH_BYTES) {
      return Math.max(0, free);
    }
    return Math.max(0, free + ahead);
  }

  /** Has taken these. */
  void add(List<TakenJob> taken) {
    boolean isLate;
    synchronized (this) {
      if (ready.isEmpty()) {
        waitsSinceNanos = System.nanoTime();
      }
      isLate = stopped;
      if (!isLate) {
        ready.addAll(taken);
      }
    }
    if (isLate) {
      taken.forEach(job -> changes.accept(new Change.HandBack(job.seq())));
    }
  }

  /** Starts what there are places for. */
  void startAll() {
    while (startNext()) {}
  }

  private boolean startNext() {
    TakenJob job;
    StartMarks marksNow;
    long now = clock.millis();
    Running run;
    synchronized (this) {
      marksNow = marks;
      if (stopped || pauses() || marksNow == null || ready.isEmpty() || places.free() == 0) {
        return false;
      }
      job = ready.removeFirst();
      waitsSinceNanos = System.nanoTime();
      if (Verdicts.isExpired(job.record(), job.attempts(), now)) {
        changes.accept(verdicts.expired(job, now));
        return true;
      }
      if (!marksNow.start(job, now)) {
        ready.addFirst(job);
        return false;
      }
      run = new Running(new Verdicts.Attempt(job, now, worker));
      running.put(job.seq(), run);
    }
    return start(job, run, marksNow);
  }

  private boolean start(TakenJob job, Running run, StartMarks marksNow) {
    try {
      JobRun started = places.start(newJob(job), job.attempts() + 1, run);
      if (started != null) {
        run.started(started);
        return true;
      }
      synchronized (this) {
        if (running.remove(job.seq(), run)) {
          marksNow.settle(job.seq());
          if (!stopped && marks == marksNow) {
            ready.addFirst(job);
            return false;
          }
        }
      }
      changes.accept(new Change.HandBack(job.seq()));
    } catch (ClutchException e) {
      // Nothing was started.
      if (leave(run)) {
        marksNow.settle(job.seq());
        changes.accept(new Change.HandBack(job.seq()));
      }
      if (e.reason() == Reason.DRAINING) {
        stop();
      } else {
        log.warn("cannot start job {} now: {}", job.jobId(), e.getMessage());
        pause();
      }
    } catch (RuntimeException | Error e) {
      // Telemetry of the application's, say. It may have been started, or not.
      log.error("starting job {} met a defect", job.jobId(), e);
      run.failure(
          ClutchException.builder(Reason.INTERNAL, Started.UNKNOWN, "the call met a defect: " + e)
              .cause(e)
              .build());
    }
    return false;
  }

  /** Starts nothing for a moment, after something went wrong. */
  private synchronized void pause() {
    pausedUntilNanos = System.nanoTime() + PAUSE_NANOS;
    isPaused = true;
  }

  @GuardedBy("this")
  private boolean pauses() {
    isPaused = isPaused && System.nanoTime() - pausedUntilNanos < 0;
    return isPaused;
  }

  private static NewJob newJob(TakenJob job) {
    JobRecord record = job.record();
    return new NewJob(
        record.getFunction(),
        job.payload(),
        record.getCallId(),
        ImmutableList.copyOf(record.getHeadersList()),
        record.getOrigin(),
        record.getOptions().toBuilder().setJobId(job.jobId()).build());
  }

  /** How long until those that wait are to be handed back, in ns; a long time where none does. */
  synchronized long patienceNanos() {
    return ready.isEmpty() ? Long.MAX_VALUE : waitsSinceNanos + PATIENCE_NANOS - System.nanoTime();
  }

  /** Starts none any more; those that wait are for others. */
  void stop() {
    synchronized (this) {
      stopped = true;
    }
    handBack();
  }

  /** Those that wait are for others, at present. */
  void handBack() {
    List<TakenJob> back;
    synchronized (this) {
      blocked = true;
      back = ready.removeAll();
    }
    back.forEach(job -> changes.accept(new Change.HandBack(job.seq())));
  }

  /**
   * After the store was lost: what was taken from it is not this process's any more. What runs goes
   * on, but its outcome is for nobody.
   */
  synchronized void forget() {
    List<TakenJob> unused = ready.removeAll();
    running.clear();
    marks = null;
  }

  /** Whether any job is here. */
  synchronized boolean isEmpty() {
    return ready.isEmpty() && running.isEmpty();
  }

  /** Somebody wants these to be stopped. */
  void cancel(List<Long> unwanted) {
    for (long seq : unwanted) {
      Running run;
      TakenJob waits;
      synchronized (this) {
        run = running.get(seq);
        waits = ready.remove(seq);
      }
      if (run != null) {
        run.cancel();
      } else if (waits != null) {
        changes.accept(verdicts.cancelled(waits, clock.millis()));
      }
    }
  }

  /** What is new of the progress of those that run. */
  List<Change> progress() {
    List<Running> all;
    synchronized (this) {
      all = new ArrayList<>(running.values());
    }
    List<Change> news = new ArrayList<>();
    for (Running run : all) {
      Change change = run.news();
      if (change != null) {
        news.add(change);
      }
    }
    return news;
  }

  private synchronized boolean ended(Running run) {
    blocked = false;
    double nanos = System.nanoTime() - run.beganNanos;
    meanNanos = meanNanos == Double.MAX_VALUE ? nanos : meanNanos + WEIGHT * (nanos - meanNanos);
    return leave(run);
  }

  private synchronized boolean leave(Running run) {
    return running.remove(run.attempt.job().seq(), run);
  }

  private synchronized void unmark(long seq) {
    StartMarks marksNow = marks;
    if (marksNow != null) {
      marksNow.settle(seq);
    }
  }

  /** One attempt. */
  private final class Running implements JobOutcome {

    private final Verdicts.Attempt attempt;
    private final long beganNanos = System.nanoTime();

    @GuardedBy("this")
    private @Nullable JobRun run;

    @GuardedBy("this")
    private boolean unwanted;

    @GuardedBy("this")
    private @Nullable JobProgress progress;

    Running(Verdicts.Attempt attempt) {
      this.attempt = attempt;
    }

    void started(JobRun begun) {
      boolean isUnwanted;
      synchronized (this) {
        run = begun;
        isUnwanted = unwanted;
      }
      if (isUnwanted) {
        begun.cancel(UNWANTED);
      }
    }

    void cancel() {
      JobRun begun;
      synchronized (this) {
        if (unwanted) {
          return;
        }
        unwanted = true;
        begun = run;
      }
      if (begun != null) {
        begun.cancel(UNWANTED);
      }
    }

    private synchronized boolean isUnwanted() {
      return unwanted;
    }

    @Override
    public void result(Payload result) {
      if (ended(this)) {
        changes.accept(verdicts.done(attempt, result, clock.millis()));
      }
    }

    @Override
    public void failure(ClutchException failure) {
      if (ended(this)) {
        if (failure.started() == Started.NO) {
          unmark(attempt.job().seq());
        }
        boolean byWish = isUnwanted() && failure.reason() == Reason.CANCELLED;
        changes.accept(verdicts.failed(attempt, failure, byWish, clock.millis()));
      }
    }

    @Override
    public synchronized void progress(long done, long total, String note) {
      progress = JobProgress.newBuilder().setDone(done).setTotal(total).setNote(note).build();
    }

    synchronized @Nullable Change news() {
      JobProgress now = progress;
      progress = null;
      return now == null
          ? null
          : new Change.Progress(
              attempt.job().seq(), attempt.job().story().toBuilder().setProgress(now).build());
    }
  }
}
