package io.clutch.benchmarks.endtoend;

import com.google.common.collect.ImmutableList;
import com.google.protobuf.ByteString;
import io.clutch.benchmarks.load.ClosedLoop;
import io.clutch.benchmarks.load.Failures;
import io.clutch.benchmarks.load.Latencies;
import io.clutch.benchmarks.load.Measurement;
import io.clutch.benchmarks.load.OpenLoop;
import io.clutch.benchmarks.load.Operation;
import io.clutch.benchmarks.load.Processes;
import io.clutch.benchmarks.load.SteadyPlan;
import io.clutch.benchmarks.load.Usage;
import io.clutch.benchmarks.program.Clients;
import io.clutch.benchmarks.program.Clients.CallPath;
import io.clutch.benchmarks.program.Dialogue;
import io.clutch.benchmarks.program.Fields;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Random;

/** The client of one contestant: makes calls as it is asked to, and says how that went. */
public final class ClientProgram {

  /** Plain gRPC, where else a {@link CallPath} stands. */
  static final String RAW = "RAW";

  private final Fields contestant;
  private final ImmutableList<String> addresses;
  private final Processes client = Processes.own();
  private final Processes workers;

  /** By the number of connections. */
  private final Map<Integer, Caller> callers = new HashMap<>();

  private ClientProgram(Fields contestant) {
    this.contestant = contestant;
    this.addresses = contestant.list("addresses");
    this.workers = new Processes(contestant.longs("pids"));
  }

  /**
   * Answers questions.
   *
   * @param args what to call and how, as fields: path, function, addresses, pids
   */
  public static void main(String[] args) throws Exception {
    ClientProgram program = new ClientProgram(Fields.parse(String.join(" ", args)));
    new Dialogue().answer(program::answer);
    program.callers.values().forEach(Caller::close);
  }

  private Fields answer(Fields question) throws InterruptedException {
    Caller caller = callers.computeIfAbsent(question.integer("connections"), this::caller);
    ByteString bytes = someBytes(question.integer("bytes"));
    Operation operation = question.flag("background") ? caller.enqueue(bytes) : caller.echo(bytes);
    Duration settle = Duration.ofMillis(question.integer("settle"));
    Duration measured = Duration.ofMillis(question.integer("measured"));
    return question.values().containsKey("rate")
        ? open(operation, question.number("rate"), settle, measured)
        : closed(operation, question.integer("outstanding"), settle, measured);
  }

  private Fields closed(Operation operation, int outstanding, Duration settle, Duration measured)
      throws InterruptedException {
    Usage usage = () -> new Usage.Reading(client.cpuNanos(), workers.cpuNanos());
    Measurement result = ClosedLoop.run(operation, outstanding, settle, measured, usage);
    double calls = Math.max(1, result.calls());
    return withLatencies(Fields.none(), result.latencies(), result.failures())
        .with("rate", result.rate())
        .with("clientCpu", result.usage().clientNanos() / 1e3 / calls)
        .with("workerCpu", result.usage().workerNanos() / 1e3 / calls)
        .with("resident", workers.residentBytes());
  }

  private static Fields open(Operation operation, double rate, Duration settle, Duration measured)
      throws InterruptedException {
    SteadyPlan plan = new SteadyPlan(operation, rate, settle, measured);
    OpenLoop.run(plan);
    return withLatencies(Fields.none(), plan.latencies(), plan.failures());
  }

  private static Fields withLatencies(Fields fields, Latencies latencies, Failures failures) {
    Throwable first = failures.first();
    if (first != null) {
      System.err.println(failures.count() + " calls failed, the first: " + first);
    }
    return fields
        .with("p50", latencies.micros(50))
        .with("p99", latencies.micros(99))
        .with("p999", latencies.micros(99.9))
        .with("failed", failures.count());
  }

  private Caller caller(int connections) {
    String path = contestant.text("path");
    return path.equals(RAW)
        ? new RawCaller(addresses.get(0), connections)
        : new ClutchCaller(
            Clients.clutch(addresses, connections, CallPath.valueOf(path)),
            contestant.text("function"));
  }

  private static ByteString someBytes(int size) {
    byte[] bytes = new byte[size];
    new Random(size).nextBytes(bytes);
    return ByteString.copyFrom(bytes);
  }
}
