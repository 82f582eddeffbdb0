package io.clutch.worker.internal.permits;

import com.google.common.base.Ticker;
import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;

/**
 * Says how many calls each client may have under way, so that no slow call waits here while it
 * could run elsewhere, and no quick one pays a round trip. Thread-safe.
 *
 * <p>While calls are <em>slow</em> (1 ms or more on average), a permit is an offer of a place.
 * Those that say that they have calls waiting get what becomes free, in turn; what is left then is
 * offered to all at once, and withdrawn when one has taken it. A call that crosses the withdrawal
 * comes back. A client that has been silent for a while keeps its offer, for to withdraw it costs a
 * message and most likely nobody would have used it.
 *
 * <p>While calls are <em>quick</em>, every client has a share of as many calls as the places work
 * off in about 1 ms, whatever runs; nothing is told call by call.
 *
 * <p>Siblings, the other processes of a pool, bring calls that wait there. They are promised free
 * places in turn with the clients that wait, however quick calls are; they are offered nothing, and
 * their calls never wait here.
 *
 * <p>Permits are advice: whether a call is taken is decided when it comes. So nothing here has to
 * be exact at every moment, only soon.
 */
public final class Permits {

  /** From this mean run time on calls are slow. */
  public static final Duration SLOW = Duration.ofMillis(1);

  /** Below this mean run time they are quick. */
  static final Duration QUICK = Duration.ofNanos(500_000);

  /** How much of quick calls may wait for each place. */
  private static final long PREFETCH_NANOS = 1_000_000;

  private static final int LEAST_PREFETCH = 2;
  private static final int MOST_PREFETCH = 256;

  /** After such a silence a client is not told any more what is free. */
  private static final Duration SILENCE = Duration.ofMillis(100);

  /** A place that was promised is kept for so long. */
  private static final Duration PROMISE = Duration.ofMillis(20);

  /** Who takes no promise is given one less and less often, in the end every second or so. */
  private static final int MOST_DOUBLINGS = 6;

  /** After so many ticks without an end it is no use to wait behind slow calls. */
  private static final int STUCK_TICKS = 10;

  /** So many runs make a new average. */
  private static final long SAMPLE = 16;

  private final Places places;
  private final Ticker ticker;
  private final LongAdder runs = new LongAdder();
  private final LongAdder runNanos = new LongAdder();

  private volatile boolean quick;

  /** How many quick calls fit in. */
  private volatile int capacity;

  /** How many siblings have calls waiting. */
  private final AtomicInteger waitingSiblings = new AtomicInteger();

  @GuardedBy("this")
  private final Set<Seat> all = new LinkedHashSet<>();

  /** Those that were heard of lately; whose turn it is comes first. */
  @GuardedBy("this")
  private final Set<Seat> active = new LinkedHashSet<>();

  @GuardedBy("this")
  private double meanNanos = (double) SLOW.toNanos();

  @GuardedBy("this")
  private long endedBefore;

  /** At how many ticks in a row calls waited, and none had ended. */
  @GuardedBy("this")
  private int stuckTicks;

  /** Is told the number of permits of one client. */
  public interface Listener {
    /** Returns at once: a lock is held. */
    void permits(int permits);
  }

  /**
   * @param ticker by which silence and promises are measured
   */
  public Permits(Places places, Ticker ticker) {
    this.places = places;
    this.ticker = ticker;
    this.capacity = places.concurrency() * LEAST_PREFETCH;
  }

  /** A client has come. It is told its first permits at once. */
  public Seat open(Listener listener) {
    return open(new Seat(listener, false, ticker.read()));
  }

  /** A sibling has come, with calls that wait there. It is told of its permits likewise. */
  public Seat openForSibling(Listener listener) {
    return open(new Seat(listener, true, ticker.read()));
  }

  private Seat open(Seat seat) {
    synchronized (this) {
      all.add(seat);
      active.add(seat);
      shareOut();
    }
    return seat;
  }

  /** Whether {@link #tick} has anything to do. */
  public synchronized boolean isBusy() {
    return !active.isEmpty();
  }

  /** A call has run for so long. */
  public void ran(long nanos) {
    runs.increment();
    runNanos.add(nanos);
  }

  /** Places were taken or became free. */
  public void changed() {
    if (!quick || waitingSiblings.get() > 0) {
      synchronized (this) {
        shareOut();
      }
    }
  }

  /**
   * How many calls may wait here although a sibling has a free place: as many quick ones as are
   * worked off in about 1 ms, for to hand them over costs as much.
   */
  public int spare() {
    return quick ? capacity : 0;
  }

  /**
   * To be called every 10 ms or so while there is anything to do.
   *
   * @return whether there is
   */
  public boolean tick() {
    boolean stuck;
    boolean busy;
    synchronized (this) {
      measure();
      stuck = isStuck();
      if (quick && (stuck || meanNanos >= SLOW.toNanos())) {
        turn(false);
      } else if (!quick && meanNanos < QUICK.toNanos()) {
        turn(true);
      }
      long now = ticker.read();
      active.removeIf(seat -> seat.fallsSilent(now));
      active.forEach(seat -> seat.endPromises(now));
      shareOut();
      busy = !active.isEmpty();
    }
    if (stuck) {
      places.giveBack();
    }
    return busy;
  }

  /** Takes the average of what ran since it was taken last. */
  @GuardedBy("this")
  private void measure() {
    long count = runs.sumThenReset();
    if (count > 0) {
      double mean = (double) runNanos.sumThenReset() / (double) count;
      meanNanos += (mean - meanNanos) * (double) Math.min(count, SAMPLE) / SAMPLE;
    }
  }

  /**
   * Whether calls wait behind slow ones that hold all places, and may find a free one elsewhere.
   * While calls are quick, any may be; while they are slow, those for which there was no better
   * place when they came. These keep their place in the line as long as calls wait that came
   * without a permit.
   */
  @GuardedBy("this")
  private boolean isStuck() {
    long ended = places.ended();
    boolean waits = quick ? places.waiting() > 0 : places.waiting() > 0 && places.backlog() == 0;
    stuckTicks = waits && ended == endedBefore ? stuckTicks + 1 : 0;
    endedBefore = ended;
    return stuckTicks >= (quick ? 1 : STUCK_TICKS);
  }

  @GuardedBy("this")
  private void turn(boolean toQuick) {
    quick = toQuick;
    if (!toQuick) {
      // Until it has shown for a while that the slow ones are gone.
      meanNanos = Math.max(meanNanos, (double) SLOW.toNanos());
      // Those that have been silent hold many permits, too.
      long now = ticker.read();
      all.forEach(
          seat -> {
            seat.heardAt.set(now);
            seat.silent = false;
          });
      active.addAll(all);
    }
    all.forEach(Seat::forgetPromises);
  }

  @GuardedBy("this")
  private void shareOut() {
    if (quick) {
      shareQuick();
      int unused = promise(true, ticker.read());
    } else {
      grant();
    }
    for (Seat seat : active) {
      if (seat.isSibling || !quick) {
        seat.tell(seat.underWay.get() + seat.promised + seat.offered);
      }
    }
  }

  /** How many of the active ones are clients. */
  @GuardedBy("this")
  private int clients() {
    int clients = 0;
    for (Seat seat : active) {
      clients += seat.isSibling ? 0 : 1;
    }
    return clients;
  }

  @GuardedBy("this")
  private void shareQuick() {
    double prefetch = (double) PREFETCH_NANOS / Math.max(1.0, meanNanos);
    int wanted =
        places.concurrency() * (int) Math.max(LEAST_PREFETCH, Math.min(MOST_PREFETCH, prefetch));
    // The average wavers; that is no news.
    if (wanted > capacity * 3L / 2 || wanted < capacity / 2 || wanted == capacity) {
      capacity = wanted;
    }
    int share = Math.max(LEAST_PREFETCH, capacity / Math.max(1, clients()));
    for (Seat seat : active) {
      if (!seat.isSibling) {
        seat.tell(share);
      }
    }
  }

  /** Promises what is free to those who wait, in turn, and offers the rest to all clients. */
  @GuardedBy("this")
  private void grant() {
    long now = ticker.read();
    int free = promise(false, now);
    int offer = free <= 0 ? 0 : Math.max(1, free / Math.max(1, clients()));
    boolean mayQueue = free <= 0 && places.backlog() > 0;
    for (Seat seat : active) {
      if (!seat.isSibling) {
        seat.offered = mayQueue && seat.mayQueue() && seat.wantsMore(now) ? 1 : offer;
      }
    }
  }

  /**
   * Promises what is free to those who wait, in turn.
   *
   * @return how much is left
   */
  @GuardedBy("this")
  private int promise(boolean toSiblingsOnly, long now) {
    int free = places.free();
    for (Seat seat : active) {
      free -= seat.promised;
    }
    boolean someone = true;
    while (free > 0 && someone) {
      someone = false;
      List<Seat> served = new ArrayList<>();
      for (Iterator<Seat> turns = active.iterator(); turns.hasNext() && free > 0; ) {
        Seat seat = turns.next();
        if (seat.wantsMore(now) && (seat.isSibling || !toSiblingsOnly)) {
          seat.promise(now);
          free--;
          someone = true;
          turns.remove();
          served.add(seat);
        }
      }
      active.addAll(served);
    }
    return free;
  }

  private synchronized void close(Seat seat) {
    all.remove(seat);
    active.remove(seat);
    seat.setWaiting(0);
    shareOut();
  }

  private synchronized void wake(Seat seat) {
    if (all.contains(seat)) {
      seat.silent = false;
      active.add(seat);
    }
  }

  /**
   * One client. All of it is guarded by the lock of the permits, but for what is final, which any
   * thread may use.
   */
  public final class Seat {
    private final Listener listener;
    private final boolean isSibling;
    private final AtomicInteger underWay = new AtomicInteger();
    private final AtomicBoolean queued = new AtomicBoolean();
    private final AtomicLong heardAt;

    /** Whether it is not among the active ones. Written under the lock, read by anybody. */
    private volatile boolean silent;

    private int waiting;
    private int promised;
    private long promisedUntil;

    /** How many promises in a row were not taken. */
    private int missed;

    private long nextPromiseAt;
    private int offered;
    private int told = -1;

    private Seat(Listener listener, boolean isSibling, long now) {
      this.listener = listener;
      this.isSibling = isSibling;
      this.heardAt = new AtomicLong(now);
    }

    /** The client has said something, whatever it is. To be called before what it has said. */
    public void heard() {
      heardAt.set(ticker.read());
      if (silent) {
        wake(this);
      }
    }

    /** The client has so many calls waiting. */
    public void waiting(int calls) {
      synchronized (Permits.this) {
        setWaiting(calls);
        promised = Math.min(promised, calls);
        shareOut();
      }
    }

    /** A call has come; what becomes of it is told with {@link #ended}. */
    public void came() {
      underWay.incrementAndGet();
      if (!quick || isSibling) {
        synchronized (Permits.this) {
          promised = Math.max(0, promised - 1);
          missed = 0;
          setWaiting(Math.max(0, waiting - 1));
        }
      }
    }

    private void setWaiting(int calls) {
      if (isSibling && (waiting > 0) != (calls > 0)) {
        waitingSiblings.addAndGet(calls > 0 ? 1 : -1);
      }
      waiting = calls;
    }

    /** A call has got its final item. */
    public void ended() {
      underWay.decrementAndGet();
      if (isSibling) {
        synchronized (Permits.this) {
          shareOut();
        }
      } else {
        changed();
      }
    }

    /** How many calls are under way. */
    public int underWay() {
      return underWay.get();
    }

    /**
     * How many calls may wait already for a call of this client to wait behind them.
     *
     * @param isSlow whether its function is known to be slow
     */
    public int room(boolean isSlow) {
      if (isSibling) {
        return 0;
      }
      if (quick && !isSlow) {
        return 2 * capacity;
      }
      // Others fill the queue: who only ever waited for a free place would never get one.
      return places.backlog() > 0 && queued.compareAndSet(false, true) ? Integer.MAX_VALUE : 0;
    }

    /** The call for which there was {@link #room} on account of others has ended, or went back. */
    public void leftQueue() {
      queued.set(false);
    }

    /** The client has gone. */
    public void close() {
      Permits.this.close(this);
    }

    private boolean mayQueue() {
      return !queued.get();
    }

    private boolean isSilent(long now) {
      return underWay.get() == 0 && waiting == 0 && now - heardAt.get() > SILENCE.toNanos();
    }

    /** Whether it is silent; then a client is left with at least one permit. */
    private boolean fallsSilent(long now) {
      if (!isSilent(now)) {
        return false;
      }
      silent = true;
      // It may have said something at this moment, and not seen that.
      if (!isSilent(now)) {
        silent = false;
        return false;
      }
      if (!isSibling) {
        offered = 1;
        tell(Math.max(1, told));
      }
      return true;
    }

    /** Whether it waits for a place; who did not take one is passed over for a while. */
    private boolean wantsMore(long now) {
      return waiting > promised && (missed == 0 || now - nextPromiseAt >= 0);
    }

    private void promise(long now) {
      promised++;
      promisedUntil = now + PROMISE.toNanos();
    }

    private void endPromises(long now) {
      if (promised > 0 && now - promisedUntil >= 0) {
        promised = 0;
        nextPromiseAt = now + (PROMISE.toNanos() << Math.min(missed, MOST_DOUBLINGS));
        missed++;
      }
    }

    private void forgetPromises() {
      promised = 0;
      offered = 0;
    }

    private void tell(int permits) {
      if (permits != told) {
        told = permits;
        listener.permits(permits);
      }
    }
  }
}
