package io.clutch.client.internal.balance;

import static com.google.common.collect.ImmutableSet.toImmutableSet;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.common.collect.HashMultiset;
import io.clutch.client.internal.balance.FakePool.Door;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Isolated;

/** Pools that everything happens to, and their clients. */
// It looks at the log, in which others would write, too.
@Isolated
final class ServerRandomEventsTest {

  private static final int RUNS = 200;
  private static final int EVENTS = 100;
  private static final int LARGEST_POOL = 6;

  /** Longer than the longest pause and what a round takes. */
  private static final Duration UNTIL_WELL = Duration.ofSeconds(90);

  private static final Duration QUIET = Duration.ofMinutes(1);

  @Test
  void clientsReachEveryProcessOnceThingsHaveCalmedDown() {
    try (LogCapture log = new LogCapture()) {
      for (int i = 0; i < RUNS; i++) {
        long seed = ThreadLocalRandom.current().nextLong();
        try {
          new Run(new Random(seed)).run();
        } catch (AssertionError | RuntimeException e) {
          throw new AssertionError("seed %d".formatted(seed), e);
        }
      }
    }
  }

  /** One pool with a few clients. */
  private static final class Run {
    private final Simulation time = new Simulation();
    private final Random random;
    private final FakePool pool;
    private final List<SimulatedClient> clients = new ArrayList<>();
    private final List<FakeWire.FakeCall> calls = new ArrayList<>();

    private Run(Random random) {
      this.random = random;
      this.pool = new FakePool(1 + random.nextInt(LARGEST_POOL));
      pool.closingTakes(Duration.ofMillis(1 + random.nextInt(6000)));
      int count = 1 + random.nextInt(3);
      for (int i = 0; i < count; i++) {
        clients.add(
            new SimulatedClient(
                time,
                pool,
                "host " + random.nextInt(2),
                1 + random.nextInt(2),
                new BalanceConfig(
                    random.nextInt(4) == 0 ? 1 + random.nextInt(10) : BalanceConfig.AUTO,
                    random.nextInt(4) == 0 ? 3 : 64,
                    Duration.ofMillis(500 + random.nextInt(5000))),
                new Random(random.nextLong())));
      }
      time.afterEach(() -> clients.forEach(this::check));
    }

    private void run() {
      for (int i = 0; i < EVENTS; i++) {
        happen();
        clients.forEach(this::check);
        time.run(Duration.ofMillis(random.nextInt(random.nextInt(4) == 0 ? 10_000 : 100)));
      }
      calmDown();
      time.run(UNTIL_WELL);
      clients.forEach(this::checkWell);
      List<Integer> dials = clients.stream().map(SimulatedClient::dials).toList();
      time.run(QUIET);
      assertThat(clients).extracting(SimulatedClient::dials).isEqualTo(dials);
      clients.forEach(this::checkWell);
    }

    private void happen() {
      switch (random.nextInt(13)) {
        case 0, 1 -> start();
        case 2, 3 -> any(pool.processes()).ifPresent(pool::end);
        case 4 -> pool.size(1 + random.nextInt(LARGEST_POOL));
        case 5 -> pool.door(any(List.of(Door.values())).orElseThrow());
        case 6 -> pool.door(Door.OPEN);
        case 7, 8 -> any(pool.processes()).ifPresent(each -> each.silent(random.nextBoolean()));
        case 9 ->
            any(any(clients).orElseThrow().open())
                .filter(FakeWire::isDealt)
                .ifPresent(wire -> wire.lose("cut"));
        case 10, 11 -> answer();
        default -> replace();
      }
    }

    private void start() {
      if (pool.processes().size() < LARGEST_POOL) {
        pool.start(1 + random.nextInt(LARGEST_POOL));
      }
    }

    private void replace() {
      any(pool.processes())
          .ifPresent(
              old -> {
                pool.start(old.slot());
                pool.end(old);
              });
    }

    /** Some calls begin, are answered, or end. */
    private void answer() {
      for (SimulatedClient client : clients) {
        any(client.open()).filter(FakeWire::isDealt).ifPresent(wire -> calls.add(wire.call()));
      }
      any(calls).ifPresent(call -> call.headers(pool.size()));
      if (calls.size() > 3) {
        calls.remove(random.nextInt(calls.size())).end();
      }
    }

    /** There is one live process for each slot, and all know it. */
    private void calmDown() {
      pool.door(Door.OPEN);
      pool.processes().forEach(process -> process.silent(false));
      pool.processes().forEach(pool::end);
      IntStream.rangeClosed(1, pool.size()).forEach(pool::start);
      calls.forEach(FakeWire.FakeCall::end);
    }

    private void check(SimulatedClient client) {
      List<String> names = client.processes();
      Set<String> processes = Set.copyOf(names);
      List<Connection> usable = client.server().usable();
      check(usable.stream().allMatch(Run::isGreeted), "what is used is open");
      check(usable.size() <= most(client), "no more are used than are wanted");
      check(client.open().size() <= 2 * most(client), "no more than twice as many are open");
      check(!isAuto(client) || processes.size() == names.size(), "one is used for each process");
      check(living().containsAll(processes), "what is used leads to a process that lives");
    }

    /** Without AssertJ, for it comes some million times. */
    private static void check(boolean condition, String what) {
      if (!condition) {
        throw new AssertionError(what);
      }
    }

    private static boolean isGreeted(Connection connection) {
      return connection.state() == Connection.State.GREETED;
    }

    private Set<String> living() {
      return pool.processes().stream().map(FakeProcess::name).collect(toImmutableSet());
    }

    private static boolean isAuto(SimulatedClient client) {
      return client.config().connectionsPerServer() == BalanceConfig.AUTO;
    }

    private void checkWell(SimulatedClient client) {
      int wanted =
          isAuto(client)
              ? Math.min(pool.size(), client.config().maxConnectionsPerServer())
              : client.config().connectionsPerServer();
      assertThat(client.server().usable()).hasSize(wanted);
      assertThat(client.open()).hasSize(wanted);
      int share = (wanted + pool.size() - 1) / pool.size();
      assertThat(HashMultiset.create(client.processes()).entrySet())
          .allMatch(entry -> entry.getCount() <= share);
      assertThat(client.server().problem()).isEmpty();
    }

    private static int most(SimulatedClient client) {
      return isAuto(client)
          ? Math.min(LARGEST_POOL, client.config().maxConnectionsPerServer())
          : client.config().connectionsPerServer();
    }

    private <T> Optional<T> any(List<T> from) {
      return from.isEmpty() ? Optional.empty() : Optional.of(from.get(random.nextInt(from.size())));
    }
  }
}
