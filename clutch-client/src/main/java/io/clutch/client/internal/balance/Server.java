package io.clutch.client.internal.balance;

import static com.google.common.collect.ImmutableList.toImmutableList;

import com.google.common.base.Ticker;
import com.google.common.collect.Comparators;
import com.google.common.collect.ImmutableList;
import com.google.errorprone.annotations.CanIgnoreReturnValue;
import io.clutch.protocol.Durations;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.random.RandomGenerator;

/**
 * One server: keeps a connection to each of the processes behind its address.
 *
 * <p>Which process gets a connection is decided over there. Where two lead to the same process, the
 * younger is not used; it is held while others are made, so that these go elsewhere, and closed
 * when every process is reached, or as many were held as there are processes. After that it is
 * tried again, with pauses that grow.
 *
 * <p>{@link #maintain} looks at what is so and does what there is to do; events change what is so.
 * Owned by its {@link Host}'s context, but for {@link #heard} and {@link #streamLeft}.
 */
final class Server {

  /** A connection that ends so soon after it was made is a failure. */
  private static final Duration SHORT_LIFE = Duration.ofSeconds(1);

  /** After such silence, while calls are under way, a process is asked how many they are. */
  private static final Duration SILENCE = Duration.ofSeconds(1);

  /** The same, without calls. */
  private static final Duration IDLE_SILENCE = Duration.ofSeconds(10);

  /** So long, at most, calls wait for the connections to further processes after the first one. */
  private static final Duration OPENING = Duration.ofSeconds(1);

  /** Where a server lives. */
  interface Host {
    /**
     * A wire to be connected.
     *
     * @param attempt from 0; where the server has several addresses, which to try first
     */
    Wire wire(int attempt);

    /** Calls {@link Server#maintain} then, instead of when it said so before. */
    void wakeIn(Duration delay);

    /** The usable connections are others than before, or there are none and {@code problem} is. */
    void changed();

    /** A connection failed or was lost: perhaps its name stands for another address now. */
    void lost();

    /** Runs {@code task} in the owner's context. */
    void execute(Runnable task);
  }

  private final String name;
  private final int addresses;
  private final BalanceConfig config;
  private final Host host;
  private final Ticker ticker;

  private final List<Connection> connections = new ArrayList<>();
  private ImmutableList<Connection> usable = ImmutableList.of();

  private final PoolSize poolSize;

  /** As it was when it was looked at last. */
  private int knownPoolSize = 1;

  private final Rounds rounds;
  private final Trouble trouble;
  private int attempts;

  /** Nanoseconds. */
  private long openingUntil;

  private boolean opening;
  private boolean closed;

  /**
   * @param name for people
   * @param addresses how many addresses it has
   */
  Server(
      String name,
      int addresses,
      BalanceConfig config,
      Host host,
      Ticker ticker,
      RandomGenerator random) {
    this.name = name;
    this.addresses = addresses;
    this.config = config;
    this.host = host;
    this.ticker = ticker;
    long now = ticker.read();
    this.poolSize = new PoolSize(now);
    this.rounds = new Rounds(random, now);
    this.trouble = new Trouble(name, random, now);
    this.openingUntil = now;
  }

  /** For people. */
  String name() {
    return name;
  }

  /** The connections that calls may take: at most one for each process, where there are enough. */
  ImmutableList<Connection> usable() {
    return usable;
  }

  /**
   * Whether it was reached just now, and there will be more usable connections in a moment: calls
   * that come at once should not all go to the first process.
   */
  boolean isOpening() {
    return opening;
  }

  /** Why there is none, where the last attempt to make one has failed. */
  Optional<String> problem() {
    return usable.isEmpty() ? trouble.problem() : Optional.empty();
  }

  long now() {
    return ticker.read();
  }

  /** Lets the calls end, and the connections. */
  void close() {
    closed = true;
    connections.forEach(Connection::close);
    connections.clear();
    usable = ImmutableList.of();
  }

  /** For any thread: an answer says how many processes there are. */
  void heard(int size) {
    if (poolSize.isNews(size, ticker.read())) {
      host.execute(
          () -> {
            poolSize.said(size, ticker.read());
            maintain();
          });
    }
  }

  /** For any thread: a stream that waits for a connection may take this one. */
  void streamLeft(Connection connection) {
    host.execute(
        () -> {
          if (usable.contains(connection)) {
            host.changed();
          }
        });
  }

  /** Does what there is to do now. */
  void maintain() {
    if (closed) {
      return;
    }
    long now = ticker.read();
    endSilent(now);
    takeNoteOfLasting(now);
    settle(now);
    List<Connection> spare = choose();
    if (spare.size() >= target()) {
      rounds.end(usable.size(), now);
    }
    if (missing(now) <= 0) {
      if (usable.size() >= target()) {
        rounds.forget();
      }
      spare.forEach(this::drop);
      pending().forEach(this::drop);
    } else if (trouble.nanosLeft(now) <= 0) {
      dial(spare.size(), now);
    }
    open(now);
    ask(now);
    host.wakeIn(wakeIn(now));
  }

  private void settle(long now) {
    poolSize.settle(usable.size());
    if (poolSize.get() != knownPoolSize) {
      knownPoolSize = poolSize.get();
      rounds.restart(now);
    }
  }

  private void open(long now) {
    boolean more = openingUntil - now > 0 && missing(now) > 0 && !pending().isEmpty();
    if (more != opening) {
      opening = more;
      host.changed();
    }
  }

  /** Decides which connections are used; gives the rest of those that could be. */
  @CanIgnoreReturnValue
  private ImmutableList<Connection> choose() {
    Selection selection = Selection.of(connections, target(), poolSize.get());
    use(selection.usable());
    return selection.spare();
  }

  private void use(ImmutableList<Connection> chosen) {
    if (!chosen.equals(usable)) {
      if (usable.isEmpty()) {
        openingUntil = ticker.read() + OPENING.toNanos();
        opening = chosen.size() < target();
      }
      ImmutableList<Connection> before = usable;
      usable = chosen;
      host.changed();
      before.stream()
          .filter(connection -> !chosen.contains(connection))
          .forEach(Connection::retireStream);
    }
  }

  private int target() {
    return config.connectionsPerServer() == BalanceConfig.AUTO
        ? Math.min(poolSize.get(), config.maxConnectionsPerServer())
        : config.connectionsPerServer();
  }

  /** How many processes are to be reached yet. */
  private int missing(long now) {
    return rounds.wanted(target(), now) - usable.size();
  }

  private ImmutableList<Connection> pending() {
    return connections.stream().filter(Connection::isPending).collect(toImmutableList());
  }

  private void dial(int held, long now) {
    // One at a time until somebody answers, who then says how many they are.
    int wanted = usable.isEmpty() ? 1 : Math.min(missing(now), target() - held);
    for (int pending = pending().size(); pending < wanted; pending++) {
      Connection connection = new Connection(this, host.wire(attempts++), now);
      connections.add(connection);
      connection.connect();
    }
  }

  private void drop(Connection connection) {
    connections.remove(connection);
    connection.close();
  }

  private void endSilent(long now) {
    for (Connection connection : ImmutableList.copyOf(connections)) {
      if (connection.isPending() && now - connection.dialledAt() >= patience().toNanos()) {
        fail(connection, "no answer within " + seconds(patience()), now);
      }
    }
  }

  /** Each address of the server may take its time. */
  private Duration patience() {
    return Comparators.min(
        config.connectTimeout().multipliedBy(Math.max(1, addresses)), Durations.LONGEST);
  }

  private static String seconds(Duration duration) {
    return duration.toMillis() % 1000 == 0
        ? duration.toSeconds() + " s"
        : duration.toMillis() + " ms";
  }

  private void takeNoteOfLasting(long now) {
    connections.stream()
        .filter(connection -> connection.state() == Connection.State.GREETED)
        .filter(connection -> lasted(connection, now))
        .forEach(connection -> trouble.lasts(connection.greetedAt()));
  }

  private static boolean lasted(Connection connection, long now) {
    return now - connection.greetedAt() >= SHORT_LIFE.toNanos();
  }

  private void fail(Connection connection, String why, long now) {
    boolean served = connection.state() == Connection.State.GREETED;
    boolean inUse = usable.contains(connection);
    drop(connection);
    if (served && lasted(connection, now)) {
      trouble.lost();
      if (inUse) {
        // Its process may be back soon, however long others have been missing.
        rounds.forget();
      }
    } else {
      trouble.failed(why, now);
    }
    choose();
    if (usable.isEmpty()) {
      trouble.report();
      host.changed();
    }
    host.lost();
  }

  /**
   * Answers say how many processes there are. Where a call takes long, or there are no calls, the
   * process that has been silent for longest is asked. One that does not answer has failed.
   */
  private void ask(long now) {
    if (usable.stream().noneMatch(Connection::isAsked)) {
      Comparator<Connection> bySilence =
          Comparator.comparingLong(connection -> now - connection.heardAt());
      usable.stream()
          .filter(connection -> connection.inFlight() > 0)
          .filter(connection -> now - connection.heardAt() >= SILENCE.toNanos())
          .max(bySilence)
          .or(() -> allIdle(now) ? usable.stream().max(bySilence) : Optional.empty())
          .ifPresent(Connection::greet);
    }
  }

  private boolean allIdle(long now) {
    return usable.stream()
        .allMatch(connection -> now - connection.heardAt() >= IDLE_SILENCE.toNanos());
  }

  private Duration wakeIn(long now) {
    long wake = usable.isEmpty() ? Long.MAX_VALUE : SILENCE.toNanos();
    if (missing(now) > 0 && trouble.nanosLeft(now) > 0) {
      wake = Math.min(wake, trouble.nanosLeft(now));
    }
    if (usable.size() < target() && rounds.nanosLeft(now) > 0) {
      wake = Math.min(wake, rounds.nanosLeft(now));
    }
    if (opening) {
      wake = Math.min(wake, openingUntil - now);
    }
    for (Connection connection : connections) {
      if (connection.isPending()) {
        wake = Math.min(wake, connection.dialledAt() + patience().toNanos() - now);
      }
    }
    return Duration.ofNanos(Math.max(0, wake));
  }

  /** Hears of one connection. */
  Wire.Listener listener(Connection connection) {
    return new Wire.Listener() {
      @Override
      public void connected() {
        if (connection.state() == Connection.State.CONNECTING) {
          connection.greet();
        }
      }

      @Override
      public void greeted(Greeting greeting) {
        if (connection.state() != Connection.State.CLOSED) {
          long now = ticker.read();
          connection.greeted(greeting, now);
          if (usable.isEmpty()) {
            poolSize.restart(Math.max(1, greeting.poolSize()), now);
          } else if (greeting.poolSize() > 0) {
            poolSize.said(greeting.poolSize(), now);
          }
          maintain();
        }
      }

      @Override
      public void failed(String why) {
        if (connection.state() != Connection.State.CLOSED) {
          fail(connection, why, ticker.read());
          maintain();
        }
      }
    };
  }
}
