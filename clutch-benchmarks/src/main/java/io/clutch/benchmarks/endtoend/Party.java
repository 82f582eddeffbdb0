package io.clutch.benchmarks.endtoend;

import io.clutch.benchmarks.endtoend.Contestant.Servers;
import io.clutch.benchmarks.program.Fields;
import io.clutch.benchmarks.program.JavaProgram;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** The processes of one contestant: its servers and its client. For one thread. */
final class Party implements AutoCloseable {

  /** How much of the highest rate calls come at when they are timed. */
  private static final double OPEN_SHARE = 0.7;

  private final List<JavaProgram> programs = new ArrayList<>();
  private final JavaProgram client;

  /** Starts them. */
  Party(Contestant contestant) throws IOException {
    try {
      List<String> addresses = new ArrayList<>();
      List<String> pids = new ArrayList<>();
      Servers servers = contestant.servers();
      for (int i = 0; i < servers.count(); i++) {
        JavaProgram server =
            JavaProgram.start(
                "the server of " + contestant.id(), servers.program(), servers.arguments());
        programs.add(server);
        Fields place = server.answer();
        addresses.add(place.text("address"));
        pids.addAll(place.list("pids"));
      }
      client =
          JavaProgram.start(
              "the client of " + contestant.id(),
              ClientProgram.class,
              List.of(
                  Fields.none()
                      .with("path", contestant.path())
                      .with("function", contestant.function())
                      .with("addresses", addresses)
                      .with("pids", pids)
                      .toString()));
      programs.add(client);
    } catch (IOException | RuntimeException e) {
      close();
      throw e;
    }
  }

  /** Has them run warm. */
  void warmUp(Load load, int connections, Duration time) {
    Fields unused =
        client.ask(
            question(load, connections, time, Duration.ofMillis(1))
                .with("outstanding", load.outstanding()));
  }

  /** Measures: as fast as it goes, and then at a steady rate, where the load has that. */
  Sample measure(Entry entry, Duration settle, Duration measured) {
    Load load = entry.load();
    Fields closed =
        client.ask(
            question(load, entry.connections(), settle, measured)
                .with("outstanding", load.outstanding()));
    double rate = closed.number("rate");
    Fields timed = closed;
    long failed = closed.integer("failed");
    if (load.hasOpenLoop() && rate > 0) {
      timed =
          client.ask(
              question(load, entry.connections(), settle, measured)
                  .with("rate", rate * OPEN_SHARE));
      failed += timed.integer("failed");
    }
    return new Sample(
        rate,
        timed.number("p50"),
        timed.number("p99"),
        timed.number("p999"),
        closed.number("clientCpu"),
        closed.number("workerCpu"),
        closed.number("resident"),
        failed);
  }

  private static Fields question(Load load, int connections, Duration settle, Duration measured) {
    return Fields.none()
        .with("connections", connections)
        .with("bytes", load.bytes())
        .with("background", load.isBackground())
        .with("settle", settle.toMillis())
        .with("measured", measured.toMillis());
  }

  /** Ends them, the client first. */
  @Override
  public void close() {
    for (int i = programs.size() - 1; i >= 0; i--) {
      programs.get(i).close();
    }
    programs.clear();
  }
}
