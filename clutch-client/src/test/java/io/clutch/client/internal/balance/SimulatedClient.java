package io.clutch.client.internal.balance;

import com.google.common.collect.ImmutableList;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Random;

/**
 * A client's view of one server: a {@link Server}, whose connections lead to a {@link FakePool}.
 */
final class SimulatedClient implements Server.Host {

  private final Simulation time;
  private final FakePool pool;
  private final String host;
  private final BalanceConfig config;
  private final Server server;

  /** All there ever were. */
  final List<FakeWire> wires = new ArrayList<>();

  private final List<FakeWire> open = new ArrayList<>();

  /** When each of them was begun. */
  final List<Duration> dialledAt = new ArrayList<>();

  int changes;
  int losses;
  int mostOpen;
  private int wakeUp;

  SimulatedClient(Simulation time, FakePool pool) {
    this(time, pool, "host", 1, BalanceConfig.DEFAULT, new Random(1));
  }

  SimulatedClient(Simulation time, FakePool pool, BalanceConfig config) {
    this(time, pool, "host", 1, config, new Random(1));
  }

  /**
   * @param host where the client is
   */
  SimulatedClient(
      Simulation time,
      FakePool pool,
      String host,
      int addresses,
      BalanceConfig config,
      Random random) {
    this.time = time;
    this.pool = pool;
    this.host = host;
    this.config = config;
    this.server = new Server("server", addresses, config, this, time.ticker(), random);
    time.in(Duration.ZERO, server::maintain);
  }

  Server server() {
    return server;
  }

  BalanceConfig config() {
    return config;
  }

  /** The processes that its calls may go to; one that has not said who it is, is left out. */
  ImmutableList<String> processes() {
    return server.usable().stream()
        .map(Connection::process)
        .filter(Objects::nonNull)
        .sorted()
        .collect(ImmutableList.toImmutableList());
  }

  /** Those that are open or being made. */
  ImmutableList<FakeWire> open() {
    open.removeIf(wire -> !wire.isOpen());
    return ImmutableList.copyOf(open);
  }

  /** The open one that leads to that process. */
  FakeWire wireTo(FakeProcess process) {
    return process.wires.stream()
        .filter(wire -> wires.contains(wire) && wire.isOpen())
        .findFirst()
        .orElseThrow();
  }

  /** How often it dialled. */
  int dials() {
    return wires.size();
  }

  @Override
  public Wire wire(int attempt) {
    FakeWire wire = new FakeWire(time, pool, host, attempt, config.connectTimeout());
    wires.add(wire);
    open.add(wire);
    dialledAt.add(time.elapsed());
    mostOpen = Math.max(mostOpen, open().size());
    return wire;
  }

  @Override
  public void wakeIn(Duration delay) {
    int thisOne = ++wakeUp;
    time.in(
        delay,
        () -> {
          if (thisOne == wakeUp) {
            server.maintain();
          }
        });
  }

  @Override
  public void changed() {
    changes++;
  }

  @Override
  public void lost() {
    losses++;
  }

  @Override
  public void execute(Runnable task) {
    time.in(Duration.ZERO, task);
  }
}
