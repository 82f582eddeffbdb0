package io.clutch.benchmarks.durable;

import static com.google.common.base.Preconditions.checkState;

import io.clutch.benchmarks.load.ClosedLoop;
import io.clutch.benchmarks.load.Failures;
import io.clutch.benchmarks.load.Latencies;
import io.clutch.benchmarks.load.Measurement;
import io.clutch.benchmarks.load.Operation;
import io.clutch.benchmarks.load.Usage;
import io.clutch.benchmarks.program.Clients;
import io.clutch.benchmarks.program.Clients.CallPath;
import io.clutch.benchmarks.program.Dialogue;
import io.clutch.benchmarks.program.Fields;
import io.clutch.benchmarks.report.Statistics;
import io.clutch.benchmarks.server.JobFunctions;
import io.clutch.benchmarks.server.Tallies;
import io.clutch.benchmarks.server.Tallies.Kind;
import io.clutch.client.ClutchClient;
import io.clutch.client.JobCounts;
import io.clutch.client.JobOptions;
import io.clutch.client.JobPriority;
import io.clutch.client.JobState;
import io.clutch.client.Request;
import io.clutch.protocol.ClutchException;
import io.clutch.protocol.Reason;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.BooleanSupplier;

/** The client of one store: makes calls as it is asked to, and says how that went. */
public final class JobClientProgram {

  /** How long what was accepted may take until it has run, and what is asked for until it is. */
  private static final Duration PATIENCE = Duration.ofMinutes(2);

  /** How long places are held at most: longer than anything here takes. */
  private static final Duration LONGEST_HOLD = Duration.ofMinutes(20);

  private final Path tallies;
  private final ClutchClient client;

  /** How many calls were accepted whose runs are counted. */
  private final LongAdder accepted = new LongAdder();

  /** The calls that hold the places. */
  private final List<CompletableFuture<?>> holds = new ArrayList<>();

  private JobClientProgram(String address, Path tallies) {
    this.tallies = tallies;
    this.client = Clients.clutch(List.of(address), Clients.AUTOMATIC, CallPath.DEFAULT);
  }

  /**
   * Answers questions.
   *
   * @param args the address of the worker or pool, and the folder of its tallies
   */
  public static void main(String[] args) throws Exception {
    JobClientProgram program = new JobClientProgram(args[0], Path.of(args[1]));
    new Dialogue().answer(program::answer);
    program.client.close();
  }

  private Fields answer(Fields question) throws InterruptedException {
    return switch (question.text("do")) {
      case "accept" -> accept(question);
      case "backlog" -> backlog(question);
      case "fill" -> fill(question);
      case "moments" -> moments(question);
      case "pending" -> Fields.none().with("pending", client.jobCounts().in(JobState.PENDING));
      case "hold" -> hold();
      case "release" -> release();
      default -> throw new IllegalArgumentException("nobody knows how to " + question);
    };
  }

  private Fields accept(Fields question) throws InterruptedException {
    Request<Void> request = Request.of(JobFunctions.TALLY, JobFunctions.argument(Kind.RUN));
    Request<Void> call = question.flag("durable") ? request.durable() : request;
    Operation counted =
        done -> {
          var unused =
              client
                  .requestBackgroundAsync(call)
                  .whenComplete(
                      (id, failure) -> {
                        if (failure == null) {
                          accepted.increment();
                        }
                        done.done(failure);
                      });
        };
    Latencies latencies = new Latencies();
    Operation timed =
        done -> {
          long begin = System.nanoTime();
          counted.start(
              failure -> {
                if (failure == null) {
                  latencies.record(System.nanoTime() - begin);
                }
                done.done(failure);
              });
        };
    int outstanding = question.integer("outstanding");
    Measurement settled =
        ClosedLoop.run(
            counted,
            outstanding,
            Duration.ZERO,
            Duration.ofMillis(question.integer("settle")),
            Usage.NONE);
    Measurement measured =
        ClosedLoop.run(
            timed,
            outstanding,
            Duration.ZERO,
            Duration.ofMillis(question.integer("measured")),
            Usage.NONE);
    awaitRuns();
    return Fields.none()
        .with("rate", measured.rate())
        .with("p50", latencies.micros(50))
        .with("p99", latencies.micros(99))
        .with("failed", tell(settled.failures()) + tell(measured.failures()));
  }

  private static long tell(Failures failures) {
    Throwable first = failures.first();
    if (first != null) {
      System.err.println(failures.count() + " calls failed, the first: " + first);
    }
    return failures.count();
  }

  private Fields backlog(Fields question) throws InterruptedException {
    int count = question.integer("count");
    Fields unused = hold();
    long before = accepted.sum();
    long failed =
        calls(
            Request.of(JobFunctions.TALLY, JobFunctions.argument(Kind.RUN)).durable(),
            count,
            question.integer("outstanding"),
            accepted);
    long jobs = accepted.sum() - before;
    long begin = System.nanoTime();
    unused = release();
    awaitRuns();
    if (question.flag("untilEnd")) {
      await("jobs that have run are not done", this::isAllDone);
    }
    double seconds = (System.nanoTime() - begin) / 1e9;
    return Fields.none().with("rate", jobs / seconds).with("failed", failed);
  }

  private boolean isAllDone() {
    JobCounts counts = client.jobCounts();
    return counts.in(JobState.PENDING) + counts.in(JobState.RUNNING) == 0;
  }

  private Fields fill(Fields question) throws InterruptedException {
    JobOptions options =
        question.flag("low")
            ? JobOptions.DEFAULT.withPriority(JobPriority.LOW)
            : JobOptions.DEFAULT;
    Kind kind = Kind.valueOf(question.text("kind"));
    Request<Void> call = Request.of(question.text("function"), JobFunctions.argument(kind));
    LongAdder filled = new LongAdder();
    long begin = System.nanoTime();
    long failed =
        calls(
            call.durable(options),
            question.integer("count"),
            question.integer("outstanding"),
            filled);
    double seconds = (System.nanoTime() - begin) / 1e9;
    return Fields.none().with("rate", filled.sum() / seconds).with("failed", failed);
  }

  /** Makes so many calls, and waits until all are accepted; how many were not. */
  private long calls(Request<Void> call, int count, int outstanding, LongAdder successes)
      throws InterruptedException {
    Failures failures = new Failures();
    Semaphore free = new Semaphore(outstanding);
    for (int i = 0; i < count; i++) {
      free.acquire();
      var unused =
          client
              .requestBackgroundAsync(call)
              .whenComplete(
                  (id, failure) -> {
                    if (failure == null) {
                      successes.increment();
                    } else {
                      failures.add(failure);
                    }
                    free.release();
                  });
    }
    free.acquire(outstanding);
    return tell(failures);
  }

  private Fields moments(Fields question) throws InterruptedException {
    Request<Long> call =
        Request.of(JobFunctions.MOMENT, null, Long.class)
            .durable(JobOptions.DEFAULT.withKeepResult(Duration.ofMinutes(30)));
    int count = question.integer("count");
    List<String> ids = new ArrayList<>();
    long[] micros = new long[count];
    for (int i = 0; i < count; i++) {
      Thread.sleep(question.integer("pause"));
      micros[i] = JobFunctions.nowMicros();
      ids.add(client.requestBackground(call));
    }
    // After all of them, so that nothing else goes on while they start.
    for (int i = 0; i < count; i++) {
      micros[i] = began(ids.get(i)) - micros[i];
    }
    Arrays.sort(micros);
    return Fields.none()
        .with("p50", Statistics.percentile(micros, 50))
        .with("p99", Statistics.percentile(micros, 99))
        .with("failed", 0);
  }

  private long began(String id) throws InterruptedException {
    long end = System.nanoTime() + PATIENCE.toNanos();
    while (true) {
      try {
        Long result = client.jobResult(id, Long.class);
        checkState(result != null, "job %s has no result", id);
        return result;
      } catch (ClutchException e) {
        if (e.reason() != Reason.WRONG_JOB_STATE || System.nanoTime() - end > 0) {
          throw e;
        }
        Thread.sleep(1);
      }
    }
  }

  private Fields hold() throws InterruptedException {
    while (holds.size() < Servers.PLACES) {
      holds.add(
          client.requestAsync(
              Request.of(JobFunctions.HOLD, LONGEST_HOLD.toMillis(), Void.class)
                  .withTimeout(LONGEST_HOLD)));
    }
    await(
        "calls get no places",
        () -> {
          // One that has failed says why.
          holds.stream().filter(CompletableFuture::isDone).forEach(CompletableFuture::join);
          return Tallies.sum(tallies, Kind.HELD) == Servers.PLACES;
        });
    return Fields.none();
  }

  private Fields release() throws InterruptedException {
    for (CompletableFuture<?> hold : holds) {
      boolean unused = hold.cancel(true);
    }
    holds.clear();
    await("places are not free", () -> Tallies.sum(tallies, Kind.HELD) == 0);
    return Fields.none();
  }

  /** Waits until everything that was accepted has run; each of them runs once. */
  private void awaitRuns() throws InterruptedException {
    long calls = accepted.sum();
    await("what was accepted does not run", () -> Tallies.sum(tallies, Kind.RUN) >= calls);
    long runs = Tallies.sum(tallies, Kind.RUN);
    if (runs != calls) {
      System.err.printf("%d calls ran %d times%n", calls, runs);
    }
  }

  private static void await(String failure, BooleanSupplier condition) throws InterruptedException {
    long end = System.nanoTime() + PATIENCE.toNanos();
    while (!condition.getAsBoolean()) {
      checkState(System.nanoTime() - end < 0, "%s within %s", failure, PATIENCE);
      Thread.sleep(1);
    }
  }
}
