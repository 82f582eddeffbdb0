package io.clutch.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.assertj.core.api.Assertions.tuple;
import static org.awaitility.Awaitility.await;

import io.clutch.contract.ClutchFunction;
import io.clutch.contract.Contract;
import io.clutch.contract.ContractMismatchException;
import io.clutch.protocol.ClutchException;
import io.clutch.protocol.Reason;
import io.clutch.protocol.Started;
import io.clutch.worker.Call;
import io.clutch.worker.Worker;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Stubs, called against a worker that serves the same interface. */
@Timeout(60)
final class StubTest {

  /** With a generic type, as others extend it. */
  public interface Store<T> {
    @ClutchFunction("store.echo")
    List<T> echo(T one);

    /** Not annotated, so it runs where it is called. */
    default T first(T one) {
      return echo(one).get(0);
    }
  }

  record Point(int x, Optional<Instant> seen) {}

  interface Functions extends Store<Point> {
    @ClutchFunction("int")
    int plain(String text);

    @ClutchFunction("int")
    CompletableFuture<Integer> future(String text);

    @ClutchFunction(value = "int", background = true)
    void background(String text);

    @ClutchFunction(value = "int", background = true)
    String backgroundWithId(String text);

    @ClutchFunction(value = "int", background = true)
    CompletableFuture<String> backgroundFuture(String text);

    @ClutchFunction("long")
    long negated(long number);

    @ClutchFunction("null")
    int nullInt();

    @ClutchFunction("char")
    char first(String text);

    @ClutchFunction("void")
    void nothing();

    @ClutchFunction("maybe")
    Optional<String> maybe(boolean isThere);

    @ClutchFunction("sum")
    int sum(int... numbers);

    @ClutchFunction("fail")
    void fail(String message) throws IOException;

    @ClutchFunction("fail")
    CompletableFuture<Void> failAsync(String message);

    @ClutchFunction(value = "slow", timeout = "200ms")
    void slow();

    @ClutchFunction(value = "slow", timeout = "10m")
    CompletableFuture<Void> slowAsync();

    default int twice(String... texts) {
      return plain(String.join("", texts)) * 2;
    }

    default boolean isDefault() {
      return true;
    }

    static int ofStatic() {
      return 1;
    }
  }

  private final Queue<String> ran = new ConcurrentLinkedQueue<>();
  private final CountDownLatch slowRuns = new CountDownLatch(1);
  private final CountDownLatch interrupted = new CountDownLatch(1);

  /** What a worker runs; the rest is never called there. */
  private abstract static class Base implements Functions {
    @Override
    public CompletableFuture<Integer> future(String text) {
      throw new AssertionError("never called");
    }

    @Override
    public void background(String text) {
      throw new AssertionError("never called");
    }

    @Override
    public String backgroundWithId(String text) {
      throw new AssertionError("never called");
    }

    @Override
    public CompletableFuture<String> backgroundFuture(String text) {
      throw new AssertionError("never called");
    }

    @Override
    public CompletableFuture<Void> failAsync(String message) {
      throw new AssertionError("never called");
    }

    @Override
    public CompletableFuture<Void> slowAsync() {
      throw new AssertionError("never called");
    }
  }

  private final class Implementation extends Base {
    @Override
    public List<Point> echo(Point one) {
      return List.of(one);
    }

    @Override
    public int plain(String text) {
      ran.add(text + " " + Call.current().id());
      return Integer.parseInt(text);
    }

    @Override
    public long negated(long number) {
      return -number;
    }

    @Override
    public int nullInt() {
      throw new AssertionError("replaced");
    }

    @Override
    public char first(String text) {
      return text.charAt(0);
    }

    @Override
    public void nothing() {
      ran.add("nothing");
    }

    @Override
    public Optional<String> maybe(boolean isThere) {
      return isThere ? Optional.of("there") : Optional.empty();
    }

    @Override
    public int sum(int... numbers) {
      return IntStream.of(numbers).sum();
    }

    @Override
    public void fail(String message) throws IOException {
      throw new IOException(message);
    }

    @Override
    public void slow() {
      slowRuns.countDown();
      try {
        new CountDownLatch(1).await();
      } catch (InterruptedException e) {
        interrupted.countDown();
      }
    }
  }

  private Worker worker;
  private ClutchClient client;

  @BeforeEach
  void start() throws IOException {
    worker =
        Worker.builder()
            .address("127.0.0.1:0")
            .concurrency(4)
            .functions(Functions.class, new Implementation())
            .build()
            .start();
    client = ClutchClient.builder().servers(worker.address().toString()).build();
  }

  @AfterEach
  void stop() {
    client.close();
    worker.close();
  }

  private Functions stub() {
    return client.stub(Functions.class);
  }

  @Test
  void aPlainMethodGivesTheResult() {
    Functions stub = stub();

    assertThat(stub.plain("42")).isEqualTo(42);
    assertThat(stub.negated(5)).isEqualTo(-5);
    assertThat(stub.first("xyz")).isEqualTo('x');
    assertThat(stub.maybe(true)).contains("there");
    assertThat(stub.sum(1, 2, 3)).isEqualTo(6);
    assertThat(stub.sum()).isZero();
    stub.nothing();
    assertThat(ran).contains("nothing");
  }

  @Test
  void theTypesOfAnInheritedGenericMethodAreKept() {
    Point point = new Point(1, Optional.of(Instant.parse("2026-05-04T10:00:00.000000001Z")));

    assertThat(stub().echo(point)).isEqualTo(List.of(point));
    assertThat(stub().first(point)).isEqualTo(point);
  }

  @Test
  void aFutureCompletesLater() {
    assertThat(stub().future("42")).succeedsWithin(Duration.ofSeconds(20)).isEqualTo(42);
  }

  @Test
  void cancellingAFutureCancelsTheCall() throws Exception {
    CompletableFuture<Void> call = stub().slowAsync();
    assertThat(slowRuns.await(30, TimeUnit.SECONDS)).isTrue();

    assertThat(call.cancel(true)).isTrue();

    assertThat(interrupted.await(30, TimeUnit.SECONDS)).isTrue();
  }

  @Test
  void aBackgroundMethodGivesTheIdOfTheCall() {
    Functions stub = stub();

    stub.background("1");
    String second = stub.backgroundWithId("2");
    String third = stub.backgroundFuture("3").join();

    await().atMost(Duration.ofSeconds(30)).until(() -> ran.size() == 3);
    assertThat(ran).contains("2 " + second, "3 " + third).anyMatch(call -> call.startsWith("1 "));
  }

  @Test
  void aFailureIsThatOfARequest() {
    ClutchException failure = Failures.of(() -> stub().fail("why"));

    assertThat(failure.reason()).isEqualTo(Reason.FUNCTION_FAILED);
    assertThat(failure).hasMessage("function 'fail' failed: why (java.io.IOException)");
    assertThat(failure.getStackTrace())
        .anyMatch(frame -> frame.getClassName().equals(StubTest.class.getName()));
    assertThat(stub().failAsync("why"))
        .failsWithin(Duration.ofSeconds(20))
        .withThrowableOfType(ExecutionException.class)
        .withCauseInstanceOf(ClutchException.class);
  }

  @Test
  void nullForAPrimitiveIsABadResult() throws IOException {
    try (Worker other =
            Worker.builder().address("127.0.0.1:0").function("null", () -> null).build().start();
        ClutchClient toOther = ClutchClient.builder().servers(other.address().toString()).build()) {
      ClutchException failure = Failures.of(() -> toOther.uncheckedStub(Functions.class).nullInt());

      assertThat(failure.reason()).isEqualTo(Reason.BAD_RESULT);
      assertThat(failure)
          .hasMessage("the result of function 'null' does not fit: no value does not fit int");
    }
  }

  @Test
  void theTimeoutOfTheAnnotationIsTheDeadline() {
    ClutchException failure = Failures.of(() -> stub().slow());

    assertThat(failure.reason()).isEqualTo(Reason.DEADLINE_EXCEEDED);
  }

  @Test
  void methodsWithCodeOfTheirOwnRunHere() {
    assertThat(stub().twice("1", "2")).isEqualTo(24);
    assertThat(stub().isDefault()).isTrue();
  }

  @Test
  void methodsOfObjectWork() {
    Functions stub = stub();

    assertThat(stub).hasToString(Functions.class.getName() + " by " + client);
    assertThat(client).hasToString("ClutchClient of " + worker.address());
    assertThat(stub.equals(stub)).isTrue();
    assertThat(stub.equals(stub())).isFalse();
    assertThat(stub.equals(null)).isFalse();
    Set<Functions> set = new HashSet<>(List.of(stub));
    assertThat(set).contains(stub).doesNotContain(stub());
  }

  private interface Quiet {
    @ClutchFunction("once")
    String once();

    default String twice() {
      return once() + once();
    }
  }

  @Test
  void aPrivateInterfaceIsServedAndHasAStub() throws IOException {
    try (Worker other =
            Worker.builder()
                .address("127.0.0.1:0")
                .functions(Quiet.class, () -> "shh")
                .build()
                .start();
        ClutchClient toOther = ClutchClient.builder().servers(other.address().toString()).build()) {
      assertThat(toOther.stub(Quiet.class).twice()).isEqualTo("shhshh");
    }
  }

  interface Options {
    @ClutchFunction(value = "once", idempotent = true)
    String once();

    @ClutchFunction(value = "once", timeout = "1m")
    CompletableFuture<String> onceAsync();
  }

  @Test
  void optionsOfTheAnnotationAreThoseOfTheRequest() {
    List<Request<?>> requests =
        Contract.of(Options.class).methods().stream().<Request<?>>map(Stub::request).toList();

    assertThat(requests)
        .extracting(Request::function, Request::isIdempotent, Request::timeout)
        .containsExactly(
            tuple("once", true, Optional.empty()),
            tuple("once", false, Optional.of(Duration.ofMinutes(1))));
  }

  @Test
  void aStubIsUsedByManyThreads() {
    Functions stub = stub();
    List<CompletableFuture<Integer>> calls =
        IntStream.range(0, 50)
            .mapToObj(i -> CompletableFuture.supplyAsync(() -> stub.plain("" + i)))
            .toList();

    assertThat(calls.stream().map(CompletableFuture::join))
        .containsExactlyElementsOf(IntStream.range(0, 50).boxed().toList());
  }

  interface Changed {
    @ClutchFunction("int")
    String plain(int number);

    @ClutchFunction("store.echo")
    List<Map<String, Object>> echo(Point one);

    @ClutchFunction("new")
    void added();

    @ClutchFunction("void")
    void nothing();
  }

  @Test
  void aMismatchShowsBothSignatures() {
    ContractMismatchException mismatch =
        catchThrowableOfType(ContractMismatchException.class, () -> client.stub(Changed.class));

    String says = ": the interface io.clutch.client.StubTest$Changed says ";
    assertThat(mismatch)
        .hasMessageStartingWith(
            "io.clutch.client.StubTest$Changed does not fit the worker (pid %d):\n"
                .formatted(ProcessHandle.current().pid()));
    assertThat(mismatch.mismatches())
        .containsExactly(
            "int"
                + says
                + "int(integer) -> text, the worker says int(text) -> integer"
                + " (argument: integer, read as text) (result: integer, read as text)",
            "new" + says + "new() -> nothing, the worker has no such function");
    assertThat(mismatch.mismatches()).allMatch(line -> mismatch.getMessage().contains(line));
  }

  @Test
  void anUncheckedStubAsksNobody() {
    Changed stub = client.uncheckedStub(Changed.class);

    stub.nothing();
    assertThat(Failures.of(stub::added).reason()).isEqualTo(Reason.FUNCTION_NOT_FOUND);
    assertThat(Failures.of(() -> stub.plain(1)).reason()).isEqualTo(Reason.BAD_ARGUMENTS);
  }

  @Test
  void withoutAWorkerACheckedStubFailsAsACallDoes() throws IOException {
    try (ClutchClient nobody =
        ClutchClient.builder()
            .servers(Ports.unusedAddress())
            .timeout(Duration.ofMillis(500))
            .build()) {
      ClutchException failure = Failures.of(() -> nobody.stub(Functions.class));

      assertThat(failure.reason()).isEqualTo(Reason.UNAVAILABLE);
      assertThat(failure.started()).isEqualTo(Started.NO);
      assertThat(nobody.uncheckedStub(Functions.class)).isNotNull();
    }
  }

  interface Wrong {
    @ClutchFunction("a")
    void a(int x, int y);
  }

  sealed interface Sealed {
    @ClutchFunction("a")
    void a();
  }

  record Permitted() implements Sealed {
    @Override
    public void a() {}
  }

  @Test
  void whatCannotBeAStubIsRefusedBeforeAWorkerIsAsked() {
    try (ClutchClient nobody = ClutchClient.builder().servers("127.0.0.1:1").build()) {
      assertThatThrownBy(() -> nobody.stub(Wrong.class))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("StubTest$Wrong.a(int, int) takes 2 arguments");
      assertThatThrownBy(() -> nobody.uncheckedStub(Wrong.class))
          .isInstanceOf(IllegalArgumentException.class);
      assertThatThrownBy(() -> nobody.stub(Sealed.class))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("StubTest$Sealed is sealed");
    }
  }
}
