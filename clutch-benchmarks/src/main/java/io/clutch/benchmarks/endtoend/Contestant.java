package io.clutch.benchmarks.endtoend;

import com.google.common.collect.ImmutableList;
import com.google.errorprone.annotations.Immutable;
import io.clutch.benchmarks.program.Clients;
import io.clutch.benchmarks.program.Clients.CallPath;
import io.clutch.benchmarks.server.Functions;
import io.clutch.benchmarks.server.PoolProgram;
import io.clutch.benchmarks.server.RawServerProgram;
import io.clutch.benchmarks.server.WorkerProgram;

/** Who is compared: a kind of server and a way to call it. */
public enum Contestant {
  /** Plain gRPC on the network's threads. */
  RAW_DIRECT(
      "raw-direct",
      "plain gRPC, direct executor",
      new Servers(RawServerProgram.class, ImmutableList.of("0"), 1),
      ClientProgram.RAW,
      Functions.ECHO),
  /** Plain gRPC on a pool of threads. */
  RAW_FIXED(
      "raw-fixed",
      "plain gRPC, fixed pool of 4 threads",
      new Servers(RawServerProgram.class, ImmutableList.of("4"), 1),
      ClientProgram.RAW,
      Functions.ECHO),
  /** A worker whose function runs on the network's threads. */
  INLINE(
      "inline",
      "Clutch, inline function",
      new Servers(WorkerProgram.class, ImmutableList.of("4"), 1),
      CallPath.DEFAULT.name(),
      Functions.ECHO_INLINE),
  /** The same, with the client's results told on the network's thread, as plain gRPC's are. */
  INLINE_DIRECT(
      "inline-direct",
      "Clutch, inline function, client with directExecutor",
      new Servers(WorkerProgram.class, ImmutableList.of("4"), 1),
      CallPath.DIRECT.name(),
      Functions.ECHO_INLINE),
  /** A worker whose function runs on function threads. */
  THREADS(
      "threads",
      "Clutch, 4 function threads",
      new Servers(WorkerProgram.class, ImmutableList.of("4"), 1),
      CallPath.DEFAULT.name(),
      Functions.ECHO),
  /** The same, each call a gRPC call of its own. */
  UNARY(
      "unary",
      "Clutch, 4 function threads, unary path",
      new Servers(WorkerProgram.class, ImmutableList.of("4"), 1),
      CallPath.UNARY.name(),
      Functions.ECHO),
  /** A supervisor with two children. */
  POOL(
      "pool",
      "Clutch, pool of 2, 2 function threads each",
      new Servers(PoolProgram.class, ImmutableList.of("2", "2"), 1),
      CallPath.DEFAULT.name(),
      Functions.ECHO),
  /** The same workers without a supervisor. */
  STANDALONE(
      "standalone",
      "Clutch, 2 workers alone, 2 function threads each",
      new Servers(WorkerProgram.class, ImmutableList.of("2"), 2),
      CallPath.DEFAULT.name(),
      Functions.ECHO);

  /** What runs the servers: so many times the same program. */
  @Immutable
  record Servers(Class<?> program, ImmutableList<String> arguments, int count) {}

  private final String id;
  private final String description;
  private final Servers servers;
  private final String path;
  private final String function;

  Contestant(String id, String description, Servers servers, String path, String function) {
    this.id = id;
    this.description = description;
    this.servers = servers;
    this.path = path;
    this.function = function;
  }

  /** Its name on the command line. */
  public String id() {
    return id;
  }

  /** What it is. */
  public String description() {
    return description;
  }

  Servers servers() {
    return servers;
  }

  String path() {
    return path;
  }

  String function() {
    return function;
  }

  /** The numbers of connections that it is measured with. */
  ImmutableList<Integer> connections() {
    return isPair() ? ImmutableList.of(Clients.AUTOMATIC) : ImmutableList.of(1, 2);
  }

  /** Whether it has two processes, and one connection to each. */
  boolean isPair() {
    return this == POOL || this == STANDALONE;
  }

  boolean isClutch() {
    return !path.equals(ClientProgram.RAW);
  }
}
