package io.clutch.benchmarks.durable;

import com.google.common.collect.ImmutableList;
import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.clutch.benchmarks.program.Fields;
import io.clutch.benchmarks.program.JavaProgram;
import io.clutch.benchmarks.server.JobFunctions;
import io.clutch.benchmarks.server.Tallies.Kind;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** The processes of one store: who serves, and a client. For one thread. */
final class JobParty implements AutoCloseable {

  private final Servers servers;
  private final PrintStream progress;
  private final JavaProgram server;
  private final JavaProgram client;

  @GuardedBy("this")
  private final List<LastWord> lastWords = new ArrayList<>();

  /** Starts one. */
  static JobParty start(Servers servers, Store store, Path parent, PrintStream progress)
      throws IOException {
    return new JobParty(servers, store, List.of(JobFunctions.TALLY), parent, progress);
  }

  /** Starts one whose worker has a function more, {@link JobFunctions#OTHER}. */
  static JobParty startOfOtherKind(Store store, Path parent, PrintStream progress)
      throws IOException {
    return new JobParty(
        Servers.WORKER, store, List.of(JobFunctions.TALLY, JobFunctions.OTHER), parent, progress);
  }

  private JobParty(
      Servers servers, Store store, List<String> counting, Path parent, PrintStream progress)
      throws IOException {
    this.servers = servers;
    this.progress = progress;
    String tallies = Files.createTempDirectory(parent, "tallies").toString();
    server =
        JavaProgram.start(
            servers.description(),
            servers.program(),
            ImmutableList.<String>builder()
                .addAll(servers.arguments())
                .add(store.name(), tallies)
                .addAll(counting)
                .build(),
            this::hear);
    try {
      client =
          JavaProgram.start(
              "the client of " + servers.description(),
              JobClientProgram.class,
              List.of(server.answer().text("address"), tallies));
    } catch (IOException | RuntimeException e) {
      server.close();
      throw e;
    }
  }

  /** On the thread that listens to the server. */
  private void hear(String line) {
    LastWord word = LastWord.find(line).orElse(null);
    if (word != null) {
      synchronized (this) {
        lastWords.add(word);
      }
    } else if (!line.contains(" INFO  JobLoop ")) {
      progress.println(line);
    }
  }

  /**
   * Makes calls, so many at a time, as fast as they are accepted; and waits until all of them have
   * run.
   */
  Fields accept(boolean durable, int outstanding, Duration settle, Duration measured) {
    return client.ask(
        Fields.none()
            .with("do", "accept")
            .with("durable", durable)
            .with("outstanding", outstanding)
            .with("settle", settle.toMillis())
            .with("measured", measured.toMillis()));
  }

  /** Has jobs accepted while all places are held, and then lets them run. */
  Fields backlog(int count, int outstanding, boolean untilEnd) {
    return client.ask(
        Fields.none()
            .with("do", "backlog")
            .with("count", count)
            .with("outstanding", outstanding)
            .with("untilEnd", untilEnd));
  }

  /** Has jobs accepted that nobody waits for. */
  Fields fill(String function, boolean isLow, int count, int outstanding) {
    return client.ask(
        Fields.none()
            .with("do", "fill")
            .with("function", function)
            .with("low", isLow)
            .with("kind", Kind.ASIDE)
            .with("count", count)
            .with("outstanding", outstanding));
  }

  /** Calls one job after the other, and asks when each began. */
  Fields moments(int count, Duration pause) {
    return client.ask(
        Fields.none().with("do", "moments").with("count", count).with("pause", pause.toMillis()));
  }

  /** From now on nothing runs. */
  void hold() {
    Fields unused = client.ask(Fields.none().with("do", "hold"));
  }

  /** From now on what waits runs. */
  void release() {
    Fields unused = client.ask(Fields.none().with("do", "release"));
  }

  /** How many jobs wait for a place. */
  long pending() {
    return (long) client.ask(Fields.none().with("do", "pending")).number("pending");
  }

  /** Ends both without asking, so that nothing more is run. */
  void kill() {
    server.kill();
    client.kill();
  }

  /** What was said of the store by all processes; asked for after the end. */
  LastWord lastWord() {
    synchronized (this) {
      if (lastWords.size() != servers.processes()) {
        progress.printf(
            "%d of %d processes said how many transactions they made%n",
            lastWords.size(), servers.processes());
        return new LastWord(0, 0, 0, 0);
      }
      return lastWords.stream().reduce(new LastWord(0, 0, 0, 0), LastWord::plus);
    }
  }

  /** Ends them, the client first. */
  @Override
  public void close() {
    client.close();
    server.close();
  }
}
