package io.clutch.worker;

import static io.clutch.worker.TestCaller.failureOf;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.clutch.contract.ClutchFunction;
import io.clutch.protocol.ClutchException;
import io.clutch.protocol.Reason;
import io.clutch.v1.DescribeRequest;
import io.clutch.v1.FunctionDescription;
import io.clutch.v1.ValueDescription.Kind;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Interfaces whose methods are functions, served. */
@Timeout(60)
class ContractFunctionsTest {

  interface Base<T> {
    @ClutchFunction("list")
    List<T> list(T one);
  }

  record Point(int x, int y) {}

  interface Functions extends Base<Point> {
    @ClutchFunction(value = "length", description = "how long it is", inline = true)
    int length(String text);

    @ClutchFunction("sum")
    long sum(int... numbers);

    @ClutchFunction("negated")
    long negated(long number);

    @ClutchFunction("nothing")
    void nothing();

    @ClutchFunction("fail")
    String fail(String message) throws IOException;

    @ClutchFunction("error")
    void error();

    @ClutchFunction("later")
    CompletionStage<String> later(String text);

    @ClutchFunction("never")
    CompletableFuture<String> never();

    @ClutchFunction("noFuture")
    CompletableFuture<String> noFuture();

    @ClutchFunction("forms")
    String plain();

    @ClutchFunction("forms")
    CompletableFuture<String> future();

    @ClutchFunction(value = "forms", background = true)
    void background();

    @ClutchFunction(value = "log", background = true)
    String log(String line);

    @ClutchFunction("own")
    default String own() {
      return "own " + plain();
    }

    default String helper() {
      throw new AssertionError("never called");
    }
  }

  private final CompletableFuture<String> never = new CompletableFuture<>();
  private final CountDownLatch neverRuns = new CountDownLatch(1);
  private final Queue<String> logged = new ConcurrentLinkedQueue<>();
  private Worker worker;
  private TestCaller caller;

  private final class Implementation implements Functions {
    @Override
    public List<Point> list(Point one) {
      return List.of(one, one);
    }

    @Override
    public int length(String text) {
      return text.length();
    }

    @Override
    public long sum(int... numbers) {
      return java.util.Arrays.stream(numbers).sum();
    }

    @Override
    public long negated(long number) {
      return -number;
    }

    @Override
    public void nothing() {
      logged.add("nothing");
    }

    @Override
    public String fail(String message) throws IOException {
      throw new IOException(message);
    }

    @Override
    public void error() {
      throw new AssertionError("broken");
    }

    @Override
    public CompletionStage<String> later(String text) {
      Executor elsewhere = task -> new Thread(task).start();
      return CompletableFuture.supplyAsync(
              () -> {
                if (text.isEmpty()) {
                  throw new CompletionException(new IOException("empty"));
                }
                return text + " later";
              },
              elsewhere)
          .minimalCompletionStage();
    }

    @Override
    public CompletableFuture<String> never() {
      neverRuns.countDown();
      return never;
    }

    @Override
    public CompletableFuture<String> noFuture() {
      return null;
    }

    @Override
    public String plain() {
      return "plain";
    }

    @Override
    public CompletableFuture<String> future() {
      throw new AssertionError("never called");
    }

    @Override
    public void background() {
      throw new AssertionError("never called");
    }

    @Override
    public String log(String line) {
      logged.add(line + " " + Call.current().isBackground());
      return "whatever";
    }
  }

  private void serve() throws IOException {
    serve(Worker.builder().functions(Functions.class, new Implementation()));
  }

  private void serve(Worker.Builder builder) throws IOException {
    worker = builder.address("127.0.0.1:0").build().start();
    caller = new TestCaller(worker);
  }

  @AfterEach
  void stop() throws InterruptedException {
    if (worker != null) {
      caller.close();
      worker.close();
    }
  }

  @Test
  void argumentsAndResultsAreThoseOfTheMethod() throws IOException {
    serve();

    assertThat(caller.call("length", "four", Integer.class)).isEqualTo(4);
    assertThat(caller.call("sum", List.of(1, 2, 3), Long.class)).isEqualTo(6);
    assertThat(caller.call("negated", 5, Long.class)).isEqualTo(-5);
    assertThat(caller.call("nothing", null, Object.class)).isNull();
    assertThat(logged).containsExactly("nothing");
    assertThat(caller.call("list", new Point(1, 2), Point[].class)).hasSize(2);
    assertThat(caller.call("own", null, String.class)).isEqualTo("own plain");
  }

  @Test
  void nullForAPrimitiveIsRefused() throws IOException {
    serve();

    assertThat(failureOf(() -> caller.call("negated", null)).reason())
        .isEqualTo(Reason.BAD_ARGUMENTS);
  }

  @Test
  void whatTheImplementationThrowsIsTheFailure() throws IOException {
    serve();

    ClutchException failure = failureOf(() -> caller.call("fail", "why"));
    assertThat(failure.reason()).isEqualTo(Reason.FUNCTION_FAILED);
    assertThat(failure).hasMessage("function 'fail' failed: why (java.io.IOException)");
    assertThat(failure.details())
        .containsEntry(ClutchException.EXCEPTION, IOException.class.getName());
    assertThat(failureOf(() -> caller.call("error", null)))
        .hasMessage("function 'error' failed: broken (java.lang.AssertionError)");
  }

  @Test
  void theResultOfAFutureIsWaitedFor() throws IOException {
    serve();

    assertThat(caller.call("later", "see you", String.class)).isEqualTo("see you later");
    assertThat(failureOf(() -> caller.call("later", "")))
        .hasMessage("function 'later' failed: empty (java.io.IOException)");
    assertThat(failureOf(() -> caller.call("noFuture", null)))
        .hasMessageContaining("it gave null instead of a future");
  }

  @Test
  void aFutureThatNobodyWaitsForAnyMoreIsCancelled() throws Exception {
    serve(Worker.builder().timeout(Duration.ZERO).functions(Functions.class, new Implementation()));
    var call = caller.start("never", null);
    assertThat(neverRuns.await(30, TimeUnit.SECONDS)).isTrue();

    call.cancel(true);

    assertThat(never)
        .failsWithin(Duration.ofSeconds(30))
        .withThrowableOfType(java.util.concurrent.CancellationException.class);
  }

  @Test
  void ofSeveralFormsOneRuns() throws Exception {
    serve();

    assertThat(caller.call("forms", null, String.class)).isEqualTo("plain");
    assertThat(caller.call("log", "line", Object.class)).isNull();
    assertThat(logged).containsExactly("line false");
  }

  @Test
  void whatTheAnnotationSaysIsDescribed() throws IOException {
    serve();

    List<FunctionDescription> functions =
        caller.stub().describe(DescribeRequest.getDefaultInstance()).getFunctionsList();

    assertThat(functions)
        .extracting(FunctionDescription::getName)
        .contains("own", "forms", "list")
        .doesNotContain("helper");
    assertThat(functions)
        .filteredOn(function -> function.getName().equals("length"))
        .singleElement()
        .satisfies(
            length -> {
              assertThat(length.getDescription()).isEqualTo("how long it is");
              assertThat(length.getArgument().getShape()).isEqualTo("text");
              assertThat(length.getResult().getShape()).isEqualTo("integer");
            });
    assertThat(functions)
        .filteredOn(function -> function.getName().equals("list"))
        .singleElement()
        .satisfies(
            list -> {
              assertThat(list.getArgument().getShape()).isEqualTo("{x!: integer, y!: integer}");
              assertThat(list.getResult().getShape()).isEqualTo("[{x: integer, y: integer}]");
            });
    assertThat(functions)
        .filteredOn(function -> function.getName().equals("log"))
        .singleElement()
        .satisfies(log -> assertThat(log.getResult().getKind()).isEqualTo(Kind.NONE));
  }

  interface NamesThread {
    @ClutchFunction(value = "thread", inline = true)
    String thread();
  }

  @Test
  void inlineRunsOnTheNetworksThread() throws IOException {
    serve(Worker.builder().functions(NamesThread.class, () -> Thread.currentThread().getName()));

    assertThat(caller.call("thread", null, String.class)).doesNotContain("clutch-function");
  }

  @Test
  void aModuleCanRegisterAContract() throws IOException {
    serve(
        Worker.builder()
            .functions(functions -> functions.functions(NamesThread.class, () -> "from a module")));

    assertThat(caller.call("thread", null, String.class)).isEqualTo("from a module");
  }

  @Test
  void aFunctionThatIsRegisteredTwiceIsNamedWithItsInterface() {
    Worker.Builder builder = Worker.builder().function("thread", () -> 1);

    assertThatThrownBy(() -> builder.functions(NamesThread.class, () -> "again"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(NamesThread.class.getName() + ".thread: function 'thread' is registered twice");
  }

  @Test
  void whatIsNoContractIsRefused() {
    assertThatThrownBy(() -> Worker.builder().functions(Runnable.class, () -> {}))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("java.lang.Runnable.run() is abstract and has no @ClutchFunction");
    @SuppressWarnings({"unchecked", "rawtypes"})
    Class<Object> other = (Class) NamesThread.class;
    assertThatThrownBy(() -> Worker.builder().functions(other, "text"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("java.lang.String does not implement " + NamesThread.class.getName());
  }
}
