package io.clutch.durable.internal.engine;

import com.google.common.collect.ImmutableSet;
import com.google.common.util.concurrent.Uninterruptibles;
import com.google.errorprone.annotations.CanIgnoreReturnValue;
import io.clutch.durable.internal.engine.Inbox.Accept;
import io.clutch.durable.internal.engine.Inbox.Batch;
import io.clutch.durable.internal.store.Change;
import io.clutch.durable.internal.store.Changes;
import io.clutch.durable.internal.store.JobStore;
import io.clutch.durable.internal.store.JobStores;
import io.clutch.durable.internal.store.NewRow;
import io.clutch.durable.internal.store.Rows;
import io.clutch.durable.internal.store.StoreException;
import io.clutch.durable.internal.store.StoreException.Effect;
import io.clutch.durable.internal.store.TakenJob;
import io.clutch.durable.internal.store.Written;
import io.clutch.protocol.ClutchException;
import io.clutch.protocol.Reason;
import io.clutch.protocol.Started;
import io.clutch.worker.jobs.JobPlaces;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The one thread that writes to the store. Round after round it commits what has come in meanwhile,
 * together with what it takes to run next; in between it looks after the store: whose time has
 * come, who has died, what can be forgotten. It owns everything in here, but where it says
 * otherwise.
 */
final class JobLoop {

  private static final Logger log = LoggerFactory.getLogger(JobLoop.class);

  /** How often it looks after the store. */
  private static final long CARE_NANOS = TimeUnit.SECONDS.toNanos(1);

  /** How often it looks whether somebody wants one of its jobs to be stopped. */
  private static final long STOPS_NANOS = TimeUnit.MILLISECONDS.toNanos(200);

  /** How often it forgets some jobs, while there are more to forget. */
  private static final long PURGE_NANOS = TimeUnit.MILLISECONDS.toNanos(20);

  /** How long it waits after the store has failed. */
  private static final long PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(250);

  /** For so long after new jobs came more are likely to come. */
  private static final long NEWS_NANOS = TimeUnit.MILLISECONDS.toNanos(5);

  /** How many pending jobs are taken, if there are so many, however few new ones come meanwhile. */
  private static final int LEAST_TAKEN = 8;

  /** How many orders it carries out in a round. */
  private static final int MOST_ORDERS = 20;

  /** How long a process that ends tries to write what is left. */
  private static final Duration LAST_TRIES = Duration.ofSeconds(5);

  private static final Duration RETRY_DELAY = Duration.ofMillis(250);

  private final JobStores stores;
  private final JobPlaces places;
  private final ImmutableSet<String> functions;
  private final Inbox inbox;
  private final ReadyJobs ready;
  private final Undertaker undertaker;
  private final InstantSource clock;
  private final Confirmer confirmer = new Confirmer();
  private final Thread thread = new Thread(this::run, "clutch-jobs");

  /** For all threads; null while there is none. */
  private volatile @Nullable JobStore store;

  /** For all threads: why there is none. */
  private volatile String trouble = "the store is not open yet";

  /** For all threads: whether jobs are run yet. */
  private volatile boolean running;

  private final Backlog backlog = new Backlog();

  /** What is not in the store yet, for that failed. */
  private final List<Change> unwritten = new ArrayList<>();

  /** For the last word. */
  private long acceptedCount;

  private long acceptCommits;
  private long takenCount;
  private long changeCommits;

  private final ClockWatch clockWatch;

  /** Whether what became of jobs may not survive a power failure yet. */
  private boolean isUnsynced;

  private boolean wasDamaged;
  private boolean isFailing;
  private long nextTryNanos;
  private long nextCareNanos;
  private long nextStopsNanos;
  private long nextPurgeNanos;
  private long nextDueMillis;

  /** When new jobs came last, and how many. */
  private long lastNewsNanos;

  private int lastNews;

  JobLoop(
      JobStores stores,
      JobPlaces places,
      Inbox inbox,
      ReadyJobs ready,
      Undertaker undertaker,
      InstantSource clock) {
    this.stores = stores;
    this.places = places;
    this.functions = places.functions();
    this.inbox = inbox;
    this.ready = ready;
    this.undertaker = undertaker;
    this.clock = clock;
    this.clockWatch = new ClockWatch(clock);
    long now = System.nanoTime();
    nextTryNanos = now;
    nextCareNanos = now;
    nextStopsNanos = now;
    nextPurgeNanos = now;
    lastNewsNanos = now - NEWS_NANOS;
    thread.setDaemon(true);
  }

  void start() {
    stores.onJobsWait(this::jobsWait);
    thread.start();
  }

  /** From now on jobs are run. */
  void runJobs() {
    running = true;
    inbox.wake();
  }

  /** A place may have become free. */
  void placeFree() {
    if (running) {
      ready.startAll();
      JobStore open = store;
      if (open != null) {
        lookAgain(open);
      }
    }
  }

  private void lookAgain(JobStore open) {
    if (backlog.mayExist() && ready.room(open.prefetch()) > 0) {
      inbox.wake();
    }
  }

  /** There are jobs in the store that others have no room for. */
  void jobsWait() {
    backlog.told();
    inbox.wake();
  }

  /**
   * The store, to read from.
   *
   * @throws ClutchException STORE_UNAVAILABLE
   */
  JobStore store() {
    JobStore open = store;
    if (open == null) {
      throw unavailable(trouble, Started.NO, null);
    }
    return open;
  }

  static ClutchException unavailable(String why, Started accepted, @Nullable Throwable cause) {
    ClutchException.Builder failure =
        ClutchException.builder(Reason.STORE_UNAVAILABLE, accepted, why).retryDelay(RETRY_DELAY);
    if (cause != null) {
      failure.cause(cause);
    }
    return failure.build();
  }

  /** Writes what is left, and ends. */
  void close() {
    inbox.close();
    Uninterruptibles.joinUninterruptibly(thread);
  }

  private void run() {
    long lastTryNanos = Long.MAX_VALUE;
    while (true) {
      // Before what has come in is taken: after that nothing more may come.
      boolean closed = inbox.isClosed();
      Batch batch;
      try {
        batch = inbox.take(waitNanos());
      } catch (InterruptedException e) {
        // Nobody has reason to.
        continue;
      }
      round(batch);
      if (closed) {
        long now = System.nanoTime();
        if (lastTryNanos == Long.MAX_VALUE) {
          lastTryNanos = now + LAST_TRIES.toNanos();
        }
        if ((unwritten.isEmpty() && batch.changes().isEmpty()) || now - lastTryNanos > 0) {
          break;
        }
      }
    }
    end();
  }

  private void end() {
    if (!unwritten.isEmpty()) {
      log.error(
          "the end of {} jobs could not be written: they will run again ({})",
          unwritten.size(),
          trouble);
    }
    confirmer.close();
    JobStore open = store;
    store = null;
    trouble = "the worker has stopped";
    if (open != null) {
      syncAtLast(open);
      open.close();
      log.info(
          "the store '{}' is closed: {} jobs accepted in {} commits, {} taken and ended in {}",
          stores.name(),
          acceptedCount,
          acceptCommits,
          takenCount,
          changeCommits);
    }
    stores.close();
    refuse(inbox.takeNow(), null);
  }

  private void syncAtLast(JobStore open) {
    try {
      if (isUnsynced) {
        open.sync();
      }
    } catch (StoreException e) {
      log.warn("jobs that have ended may run again after a power failure: {}", e.getMessage());
    }
  }

  private long waitNanos() {
    long now = System.nanoTime();
    if (inbox.isClosed()) {
      return unwritten.isEmpty() ? 0 : Math.max(0, nextTryNanos - now);
    }
    if (isFailing || store == null || !unwritten.isEmpty()) {
      // Nothing else is done before, however much is due.
      return Math.max(0, nextTryNanos - now);
    }
    long wait = Math.min(nextCareNanos - now, CARE_NANOS);
    wait = Math.min(wait, ready.patienceNanos());
    wait = Math.min(wait, untilDueNanos());
    wait = Math.min(wait, nextPurgeNanos - now);
    wait = Math.min(wait, backlog.untilTellNanos());
    if (!ready.isEmpty()) {
      wait = Math.min(wait, nextStopsNanos - now);
    }
    return Math.max(0, wait);
  }

  private long untilDueNanos() {
    long millis = nextDueMillis - clock.millis();
    return millis > 60_000 ? CARE_NANOS : TimeUnit.MILLISECONDS.toNanos(Math.max(0, millis));
  }

  /** One round, whatever happens in it. */
  private void round(Batch batch) {
    try {
      JobStore open = store == null ? open() : store;
      if (open == null) {
        unwritten.addAll(batch.changes());
        refuse(batch, null);
        return;
      }
      round(open, batch);
      if (isFailing) {
        isFailing = false;
        log.info("the store '{}' works again", stores.name());
      }
    } catch (StoreException e) {
      fail(batch, e);
    } catch (RuntimeException | Error e) {
      log.error("writing to the store '{}' met a defect", stores.name(), e);
      fail(batch, new StoreException("a defect: " + e, Effect.UNKNOWN, e));
    }
  }

  private void round(JobStore open, Batch batch) throws StoreException {
    // Each is a transaction of its own: a few at a time, so that they hold up nobody.
    for (int i = 0; i < MOST_ORDERS && !batch.orders().isEmpty(); i++) {
      Inbox.Order order = batch.orders().remove();
      try {
        order.run(open);
      } catch (StoreException e) {
        order.failed(unavailable(String.valueOf(e.getMessage()), Started.UNKNOWN, e));
        throw e;
      }
    }
    inbox.putBack(batch.orders());
    batch.orders().clear();
    if (ready.patienceNanos() <= 0) {
      // To be written in this round: they come by the inbox, which nobody waits for.
      ready.handBack();
      backlog.foundNew();
      batch.changes().addAll(inbox.takeChanges());
    }
    care(open);
    write(open, batch);
    ready.startAll();
    ring();
  }

  private void care(JobStore open) throws StoreException {
    long now = System.nanoTime();
    long nowMillis = clock.millis();
    boolean isTime = now - nextCareNanos >= 0;
    if (isTime) {
      nextCareNanos = now + CARE_NANOS;
      if (!open.beat()) {
        throw new StoreException(
            "other processes have taken this one for dead", Effect.NOTHING, new LostException());
      }
      if (isUnsynced) {
        open.sync();
        isUnsynced = false;
      }
      if (clockWatch.wasSetBack()) {
        int shortened = open.shortenDelays(nowMillis);
        log.warn("the clock was set back; {} jobs would have waited longer for it", shortened);
        nextDueMillis = 0;
      }
      if (undertaker.look(open)) {
        backlog.foundNew();
      } else if (open.hasPending(functions)) {
        backlog.found();
      }
    }
    if (now - nextPurgeNanos >= 0) {
      boolean isMore = open.purge(nowMillis);
      nextPurgeNanos = now + (isMore ? PURGE_NANOS : CARE_NANOS);
    }
    if (isTime || nextDueMillis <= nowMillis) {
      if (nextDueMillis <= nowMillis) {
        backlog.foundNew();
      }
      nextDueMillis = open.promote(nowMillis);
    }
    if (now - nextStopsNanos >= 0 && !ready.isEmpty()) {
      nextStopsNanos = now + STOPS_NANOS;
      ready.cancel(open.stopsAsked());
      unwritten.addAll(ready.progress());
    }
  }

  /**
   * First what callers wait for; what became of jobs is written while the disk is at work. Each is
   * a transaction.
   */
  private void write(JobStore open, Batch batch) throws StoreException {
    List<Accept> accepts = batch.accepts();
    int room = running && !inbox.isClosed() ? ready.room(open.prefetch()) : 0;
    long takenBefore = takenCount;
    boolean isLeft = false;
    if (!accepts.isEmpty()) {
      if (!unwritten.isEmpty() || accepts.stream().anyMatch(JobLoop::hasKey)) {
        // A job that has ended keeps no other one out.
        batch.changes().addAll(inbox.takeChanges());
        change(open, batch.changes(), 0, false);
      }
      lastNewsNanos = System.nanoTime();
      lastNews = accepts.size();
      isLeft = accept(open, accepts, room);
    }
    room -= (int) (takenCount - takenBefore);
    takenBefore = takenCount;
    change(open, batch.changes(), Math.min(room, mostTaken()), isLeft);
    room -= (int) (takenCount - takenBefore);
    if (room > 0 && backlog.ask()) {
      places.jobsWanted();
    }
    if (running) {
      // Whatever place became free meanwhile did not know of what was left then.
      lookAgain(open);
    }
  }

  private static boolean hasKey(Accept accept) {
    return Rows.uniqueKey(accept.row().record().getOptions()) != null;
  }

  /**
   * How many pending jobs to take at a time: while new ones come about as many as do, so that their
   * callers don't wait for long.
   */
  private int mostTaken() {
    return System.nanoTime() - lastNewsNanos > NEWS_NANOS
        ? Integer.MAX_VALUE
        : Math.max(LEAST_TAKEN, lastNews);
  }

  /**
   * Puts new jobs into the store, and takes those for which there is room; says whether any were
   * left that can be run here.
   */
  private boolean accept(JobStore open, List<Accept> accepts, int room) throws StoreException {
    List<NewRow> rows = new ArrayList<>(accepts.size());
    int left = room;
    boolean isLeft = false;
    boolean isForOthers = false;
    for (Accept accept : accepts) {
      NewRow row = accept.row();
      if (!row.start().isNow()) {
        nextDueMillis = Math.min(nextDueMillis, row.start().dueMillis());
      } else if (!functions.contains(row.record().getFunction())) {
        isForOthers = true;
      } else if (left > 0 && !backlog.mayExist()) {
        row = row.take();
        left--;
      } else {
        isLeft = true;
      }
      rows.add(row);
    }
    Written written;
    try {
      written = open.write(new Changes(rows, List.of(), 0, functions));
    } catch (StoreException e) {
      refuse(accepts, e.effect() == Effect.UNKNOWN ? Started.UNKNOWN : Started.NO, e);
      // They may be there all the same.
      backlog.foundNew();
      throw e;
    } catch (RuntimeException | Error e) {
      refuse(accepts, Started.UNKNOWN, null);
      throw e;
    }
    acceptCommits++;
    acceptedCount += written.accepted().stream().filter(job -> !job.existed()).count();
    confirmer.confirm(open, List.copyOf(accepts), written.accepted());
    accepts.clear();
    started(written.taken());
    if (isForOthers) {
      backlog.foundNew();
    }
    return isLeft;
  }

  /**
   * Writes what became of jobs, and takes pending ones.
   *
   * @param wanted how many to take at most
   * @param isNew whether there may be some that others don't know of
   */
  private void change(JobStore open, List<Change> news, int wanted, boolean isNew)
      throws StoreException {
    List<Change> changes = new ArrayList<>(unwritten);
    changes.addAll(news);
    boolean isLeft = isNew;
    for (Change change : changes) {
      if (change instanceof Change.HandBack) {
        isLeft = true;
      } else if (change instanceof Change.Again again) {
        if (again.start().isNow()) {
          isLeft = true;
        } else {
          nextDueMillis = Math.min(nextDueMillis, again.start().dueMillis());
        }
      }
    }
    boolean looks = wanted > 0 && (isLeft || backlog.mayExist());
    if (looks || !changes.isEmpty()) {
      if (looks) {
        backlog.look();
      }
      Written written;
      try {
        written = open.write(new Changes(List.of(), changes, looks ? wanted : 0, functions));
      } catch (StoreException e) {
        if (isLeft) {
          backlog.foundNew();
        } else {
          backlog.found();
        }
        throw e;
      }
      changeCommits++;
      for (Change change : changes) {
        if (!(change instanceof Change.Progress)) {
          open.marks().settle(change.seq());
        }
      }
      unwritten.clear();
      news.clear();
      isUnsynced |= !changes.isEmpty();
      started(written.taken());
      if (looks && !written.mayBeMore()) {
        return;
      }
    }
    if (isLeft) {
      backlog.foundNew();
    } else if (looks) {
      backlog.found();
    }
  }

  private void started(List<TakenJob> taken) {
    takenCount += taken.size();
    ready.add(taken);
    ready.startAll();
  }

  private void ring() {
    if (backlog.tell()) {
      places.jobsWait();
      JobStore open = store;
      if (open != null) {
        open.tellJobsWait();
      }
    }
  }

  private @Nullable JobStore open() {
    if (System.nanoTime() - nextTryNanos < 0) {
      return null;
    }
    JobStore opened = null;
    try {
      opened = stores.open(wasDamaged);
      int shortened = opened.shortenDelays(clock.millis());
      if (shortened > 0) {
        log.warn("the clock was set back; {} jobs would have waited longer for it", shortened);
      }
      ready.marks(opened.marks(), opened.self().name());
      backlog.found();
      nextDueMillis = 0;
      nextCareNanos = System.nanoTime();
      wasDamaged = false;
      store = opened;
      log.info("durable calls are kept in '{}'", stores.name());
      return opened;
    } catch (StoreException e) {
      wasDamaged |= e.effect() == Effect.DAMAGED;
      if (opened != null) {
        opened.close();
      }
      troubled(e);
      return null;
    }
  }

  private void fail(Batch batch, StoreException e) {
    unwritten.addAll(batch.changes());
    refuse(batch, e);
    troubled(e);
    boolean isLost = e.getCause() instanceof LostException;
    if (e.effect() == Effect.DAMAGED || isLost) {
      wasDamaged |= e.effect() == Effect.DAMAGED;
      JobStore open = store;
      store = null;
      // What becomes of jobs that were taken is told to another store, if at all.
      ready.forget();
      unwritten.clear();
      List<Change> ofTheLost = inbox.takeChanges();
      log.debug("{} changes are lost with the store", ofTheLost.size());
      if (open != null) {
        open.close();
      }
    }
  }

  private void troubled(StoreException e) {
    nextTryNanos = System.nanoTime() + PAUSE_NANOS;
    trouble = String.valueOf(e.getMessage());
    if (!isFailing) {
      isFailing = true;
      log.error(
          "the store '{}' fails; durable calls are refused, others are served: {}",
          stores.name(),
          e.getMessage(),
          e);
    }
  }

  /** None of that was tried. */
  private void refuse(Batch batch, @Nullable StoreException cause) {
    ClutchException refusal = refuse(batch.accepts(), Started.NO, cause);
    batch.orders().forEach(order -> order.failed(refusal));
  }

  @CanIgnoreReturnValue
  private ClutchException refuse(
      List<Accept> accepts, Started accepted, @Nullable StoreException cause) {
    String why = cause == null ? trouble : String.valueOf(cause.getMessage());
    ClutchException refusal = unavailable(why, accepted, cause);
    accepts.forEach(accept -> accept.done().completeExceptionally(refusal));
    accepts.clear();
    return refusal;
  }

  /** This process was taken for dead. */
  private static final class LostException extends Exception {
    private static final long serialVersionUID = 1L;
  }
}
