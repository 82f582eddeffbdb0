package io.clutch.benchmarks.durable;

import com.google.common.collect.ImmutableList;
import io.clutch.benchmarks.server.PoolProgram;
import io.clutch.benchmarks.server.WorkerProgram;

/** Who serves: two places in both cases. */
enum Servers {
  /** One process. */
  WORKER("worker", "one worker, 2 function threads", WorkerProgram.class, ImmutableList.of("2"), 1),
  /** Two, which share a store. */
  POOL(
      "pool",
      "pool of 2, 1 function thread each",
      PoolProgram.class,
      ImmutableList.of("2", "1"),
      2);

  /** How many calls or jobs can run at a time. */
  static final int PLACES = 2;

  private final String id;
  private final String description;
  private final Class<?> program;
  private final ImmutableList<String> arguments;
  private final int processes;

  Servers(
      String id,
      String description,
      Class<?> program,
      ImmutableList<String> arguments,
      int processes) {
    this.id = id;
    this.description = description;
    this.program = program;
    this.arguments = arguments;
    this.processes = processes;
  }

  String id() {
    return id;
  }

  String description() {
    return description;
  }

  Class<?> program() {
    return program;
  }

  /** What the program is told before the store. */
  ImmutableList<String> arguments() {
    return arguments;
  }

  /** How many processes have the store open. */
  int processes() {
    return processes;
  }
}
