package io.clutch.testing;

import static com.google.common.base.Preconditions.checkArgument;
import static com.google.common.base.Preconditions.checkState;
import static com.google.common.collect.ImmutableSortedSet.toImmutableSortedSet;
import static java.util.Objects.requireNonNull;

import com.google.common.collect.ImmutableSortedSet;
import com.google.common.util.concurrent.MoreExecutors;
import com.google.common.util.concurrent.ThreadFactoryBuilder;
import com.google.errorprone.annotations.CanIgnoreReturnValue;
import io.clutch.client.ClutchClient;
import io.clutch.v1.FunctionDescription;
import io.clutch.worker.Worker;
import io.grpc.inprocess.InProcessChannelBuilder;
import io.grpc.inprocess.InProcessServerBuilder;
import java.time.Duration;
import java.util.Comparator;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.ThreadFactory;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A worker in this process and a client of it, for tests. Both are the real ones; only the
 * connection between them is gRPC's in-process transport, and their time is a {@link TestClock}.
 *
 * <pre>{@code
 * try (TestWorker worker =
 *     TestWorker.start(w -> w.function("greet", String.class, name -> "Hello, " + name))) {
 *   String greeting = worker.client().request("greet", "World", String.class);
 * }
 * }</pre>
 *
 * <p>The code that describes the worker is run again for one that takes the place of a lost worker:
 * what it makes, such as an object with the functions, is new then, as it is in a new process.
 * Thread-safe.
 */
public final class TestWorker implements AutoCloseable {

  private static final Logger log = LoggerFactory.getLogger(TestWorker.class);

  /** How many calls run at the same time where nothing is said: the same on every machine. */
  private static final int CONCURRENCY = 4;

  /** How long, by the system's time, what a test waits for may take. */
  private static final Duration PATIENCE = Duration.ofSeconds(20);

  /** How long, by the system's time, calls may take to end when a test has ended. */
  private static final Duration CALM_DOWN = Duration.ofMillis(500);

  /** How long, by the system's time, callbacks of the client may take at the end. */
  private static final Duration CLOSE_GRACE = Duration.ofSeconds(5);

  private final String name = InProcessServerBuilder.generateName();
  private final FaultPlan plan = new FaultPlan();
  private final CallCounts counts = new CallCounts();
  private final Faults faults = new Faults(plan, this::checkFunction);

  /** Null on the system's time. */
  private final @Nullable TestClock clock;

  /** Idle where there is a clock. */
  private final ScheduledThreadPoolExecutor systemTimer =
      new ScheduledThreadPoolExecutor(1, daemons("clutch-test-timer"));

  /** The client's callbacks run here. */
  private final ExecutorService clientThreads =
      Executors.newCachedThreadPool(daemons("clutch-test-client-%d"));

  private final Consumer<? super Worker.Builder> description;
  private final WorkerPlace place;
  private final ClutchClient client;
  private final ImmutableSortedSet<String> functions;

  private TestWorker(Builder builder) {
    description = builder.worker;
    clock = builder.newClock();
    client = startClient(builder.client);
    try {
      place = new WorkerPlace(this::startWorker, clock);
    } catch (RuntimeException e) {
      client.close();
      stopThreads();
      throw e;
    }
    try {
      functions = describedFunctions();
    } catch (RuntimeException e) {
      place.breakConnections();
      client.close();
      end();
      throw e;
    }
  }

  /**
   * Starts a worker.
   *
   * @param description gives the worker its functions and options; its address is passed over
   */
  public static TestWorker start(Consumer<? super Worker.Builder> description) {
    return builder().worker(description).start();
  }

  /** Starts to describe one, with options of its own. */
  public static Builder builder() {
    return new Builder();
  }

  private InProcessWorker startWorker(UnderWay underWay) {
    TestClock own = clock;
    InProcessServerBuilder server = InProcessServerBuilder.forName(name);
    ArrivalFaults arrivals =
        new ArrivalFaults(
            plan,
            counts,
            underWay,
            own == null ? systemTimer : own.timer(),
            own == null ? duration -> {} : own::waits);
    Worker.Builder worker =
        Worker.builder()
            .concurrency(CONCURRENCY)
            .gracefulTimeout(Duration.ZERO)
            .intercept(new RunFaults(plan, counts, underWay, () -> place.lose(underWay)));
    description.accept(worker);
    if (own != null) {
      server.deadlineTicker(own.ticker()).scheduledExecutorService(own.timer());
      worker.time(own);
    }
    return InProcessWorker.start(worker.build(), server, arrivals, underWay);
  }

  private ClutchClient startClient(Consumer<? super ClutchClient.Builder> options) {
    InProcessChannelBuilder channel = InProcessChannelBuilder.forName(name).executor(clientThreads);
    ClutchClient.Builder builder = ClutchClient.builder();
    options.accept(builder);
    if (clock != null) {
      channel.scheduledExecutorService(clock.timer());
      builder.time(clock.ofClients());
    }
    // There is one process behind one address. Clutch's own policies take the system's time.
    return builder.channel(channel).balance("pick_first").build();
  }

  /** Connects, too, so that the first call of a test finds all ready. */
  private ImmutableSortedSet<String> describedFunctions() {
    return client.describe().getFunctionsList().stream()
        .map(FunctionDescription::getName)
        .collect(toImmutableSortedSet(Comparator.naturalOrder()));
  }

  /** A client of the worker; closed with it. */
  public ClutchClient client() {
    return client;
  }

  /**
   * The time of worker and client.
   *
   * @throws IllegalStateException where that is the system's
   */
  public TestClock clock() {
    checkState(clock != null, "this TestWorker was built with realTime(): it has no clock");
    return clock;
  }

  /** What is to go wrong with calls. */
  public Faults faults() {
    return faults;
  }

  /**
   * How often a function was called since the test began.
   *
   * @throws IllegalArgumentException where the worker has no function of that name
   */
  public Calls calls(String function) {
    checkFunction(function);
    return counts.of(function);
  }

  /**
   * Waits, at most 20 s by the system's time, until a function was called as often as wanted:
   * {@code awaitCalls("thumbnail", calls -> calls.started() == 1)}.
   *
   * @param wanted looks at the calls, and returns at once
   * @return the calls that were wanted
   * @throws IllegalArgumentException where the worker has no function of that name
   * @throws AssertionError where that takes longer, or this thread is interrupted
   */
  @CanIgnoreReturnValue
  public Calls awaitCalls(String function, Predicate<? super Calls> wanted) {
    checkFunction(function);
    try {
      return counts
          .await(function, wanted, PATIENCE)
          .orElseThrow(() -> notAsWanted(function, "within " + PATIENCE, null));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw notAsWanted(function, "before this thread was interrupted", e);
    }
  }

  private AssertionError notAsWanted(String function, String until, @Nullable Exception cause) {
    return new AssertionError(
        "the calls of '%s' did not become as wanted %s: %s"
            .formatted(function, until, counts.of(function)),
        cause);
  }

  /**
   * Loses the worker now: as if its process had died, its connections break, and all its calls,
   * background calls included, are lost. Returns when a new worker serves in its place. See {@link
   * Faults#kill}.
   */
  public void kill() {
    place.lose();
  }

  /**
   * Makes ready for another test: takes back all faults, forgets how often functions were called,
   * switches {@link TestClock#autoAdvance} off. Where calls are still under way, the worker is lost
   * and replaced, so that they don't disturb the next test. The clock shows what it showed.
   */
  public void reset() {
    faults.clear();
    if (clock != null) {
      clock.autoAdvance(false);
    }
    if (!place.awaitQuiet(CALM_DOWN)) {
      log.info("calls are still under way when a test ends: the worker is replaced");
      place.lose();
      var unused = client.describe();
    }
    counts.reset();
  }

  /** Ends all calls, closes the client, and ends the worker. */
  @Override
  public void close() {
    faults.clear();
    // The client would wait for its calls to end.
    place.breakConnections();
    client.close();
    end();
  }

  private void end() {
    place.close();
    stopThreads();
  }

  private void stopThreads() {
    // Callers hear of it here.
    boolean unused = MoreExecutors.shutdownAndAwaitTermination(clientThreads, CLOSE_GRACE);
    systemTimer.shutdownNow();
  }

  private void checkFunction(String function) {
    checkArgument(
        functions.contains(function),
        "the worker has no function '%s'; it has: %s",
        function,
        functions.isEmpty() ? "none" : String.join(", ", functions));
  }

  private static ThreadFactory daemons(String name) {
    return new ThreadFactoryBuilder().setNameFormat(name).setDaemon(true).build();
  }

  /** Describes a {@link TestWorker}. Not thread-safe. */
  public static final class Builder {
    private Consumer<? super Worker.Builder> worker = options -> {};
    private Consumer<? super ClutchClient.Builder> client = options -> {};
    private @Nullable TestClock clock;
    private boolean realTime;

    private Builder() {}

    /**
     * What gives the worker its functions and options. Its address is passed over, {@code tls} is
     * refused, and so are callers where it has {@code tokens}; four functions run at the same time
     * where nothing is said.
     */
    @CanIgnoreReturnValue
    public Builder worker(Consumer<? super Worker.Builder> description) {
      this.worker = requireNonNull(description);
      return this;
    }

    /**
     * What gives the client options of its own. Its servers and its balance are passed over; {@code
     * tls}, {@code token} and {@code authority} are refused, for its channel is in this process.
     */
    @CanIgnoreReturnValue
    public Builder client(Consumer<? super ClutchClient.Builder> options) {
      this.client = requireNonNull(options);
      return this;
    }

    /**
     * The clock, in place of one of its own: for workers that call each other, and for functions
     * that are made with it.
     */
    @CanIgnoreReturnValue
    public Builder clock(TestClock clock) {
      this.clock = requireNonNull(clock);
      this.realTime = false;
      return this;
    }

    /**
     * Lets worker, client and faults live in the system's time, for functions that call others over
     * the network with deadlines: gRPC refuses to mix two times.
     */
    @CanIgnoreReturnValue
    public Builder realTime() {
      this.clock = null;
      this.realTime = true;
      return this;
    }

    private @Nullable TestClock newClock() {
      if (realTime) {
        return null;
      }
      return clock == null ? new TestClock() : clock;
    }

    /** Starts it. Its threads are daemons. */
    public TestWorker start() {
      return new TestWorker(this);
    }
  }
}
