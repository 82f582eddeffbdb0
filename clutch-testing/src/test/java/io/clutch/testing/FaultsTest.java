package io.clutch.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.clutch.client.ClutchClient;
import io.clutch.client.Request;
import io.clutch.protocol.ClutchException;
import io.clutch.protocol.Reason;
import io.clutch.protocol.Started;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

@Timeout(60)
final class FaultsTest {

  private static final Duration TIMEOUT = Duration.ofSeconds(10);

  @RegisterExtension
  static final ClutchExtension clutch =
      ClutchExtension.of(
          TestWorker.builder()
              .worker(
                  worker ->
                      worker
                          .function("echo", String.class, text -> text)
                          .function("other", () -> "other")
                          .function(
                              "through",
                              String.class,
                              (text, call) -> call.cascade("echo", text, String.class))));

  private final Faults faults = clutch.faults();
  private final ClutchClient client = clutch.client();

  @Test
  void aDelayedCallRunsWhenTheTimeHasPassed() {
    faults.delay("echo", Duration.ofSeconds(3));

    CompletableFuture<String> call = client.requestAsync("echo", "x", String.class);

    clutch.clock().advance(Duration.ofMillis(2_999));
    assertThat(call).isNotDone();
    assertThat(clutch.calls("echo")).isEqualTo(new Calls(1, 0, 0));
    clutch.clock().advance(Duration.ofMillis(1));
    assertThat(call).succeedsWithin(TIMEOUT).isEqualTo("x");
  }

  @Test
  void aCallThatIsDelayedForTooLongNeverRuns() {
    faults.delay("echo", Duration.ofSeconds(11));
    CompletableFuture<String> call = client.requestAsync("echo", "x", String.class);

    clutch.clock().advance(Duration.ofSeconds(12));

    assertThat(Failures.of(call).reason()).isEqualTo(Reason.DEADLINE_EXCEEDED);
    assertThat(clutch.calls("echo")).isEqualTo(new Calls(1, 0, 0));
  }

  @Test
  void aDroppedRequestGetsNoAnswerUntilTheDeadline() {
    faults.drop("echo");

    CompletableFuture<String> call = client.requestAsync("echo", "x", String.class);

    clutch.clock().advance(TIMEOUT.minusNanos(1));
    assertThat(call).isNotDone();
    clutch.clock().advance(Duration.ofNanos(1));
    ClutchException failure = Failures.of(call);
    assertThat(failure.reason()).isEqualTo(Reason.DEADLINE_EXCEEDED);
    assertThat(failure.started()).isEqualTo(Started.UNKNOWN);
    assertThat(clutch.calls("echo")).isEqualTo(new Calls(1, 0, 0));
  }

  @Test
  void aDroppedAnswerIsNoAnswerToAFunctionThatRan() {
    faults.dropAnswer("echo");

    CompletableFuture<String> call = client.requestAsync("echo", "x", String.class);

    clutch.awaitCalls("echo", calls -> calls.finished() == 1);
    assertThat(call).isNotDone();
    clutch.clock().advance(TIMEOUT);
    assertThat(Failures.of(call).reason()).isEqualTo(Reason.DEADLINE_EXCEEDED);
  }

  @Test
  void withAutoAdvanceACallerThatBlocksDoesNotWait() {
    clutch.clock().autoAdvance(true);
    Duration before = clutch.clock().elapsed();

    faults.delay("echo", Duration.ofSeconds(3));
    assertThat(client.request("echo", "x", String.class)).isEqualTo("x");
    assertThat(clutch.clock().elapsed().minus(before)).isEqualTo(Duration.ofSeconds(3));

    faults.drop("echo");
    ClutchException dropped = Failures.of(() -> client.request("echo", "x", String.class));
    assertThat(dropped.reason()).isEqualTo(Reason.DEADLINE_EXCEEDED);

    faults.dropAnswer("echo");
    ClutchException unanswered = Failures.of(() -> client.request("echo", "x", String.class));
    assertThat(unanswered.reason()).isEqualTo(Reason.DEADLINE_EXCEEDED);
    assertThat(clutch.clock().elapsed().minus(before)).isEqualTo(Duration.ofSeconds(23));
  }

  @Test
  void aRefusedCallIsSentAgainWhereThatMayHelp() {
    faults.next(2).refuse("echo", Reason.QUEUE_FULL);

    assertThat(client.request("echo", "x", String.class)).isEqualTo("x");

    assertThat(clutch.calls("echo")).isEqualTo(new Calls(3, 1, 1));
  }

  @Test
  void aRefusalThatLastsIsTheErrorWhenTheTimeIsOver() {
    faults.always().refuse("echo", Reason.QUEUE_FULL);

    ClutchException failure = Failures.of(() -> client.request("echo", "x", String.class));

    assertThat(failure.reason()).isEqualTo(Reason.QUEUE_FULL);
    assertThat(failure.started()).isEqualTo(Started.NO);
    assertThat(failure).hasMessageContaining("no worker took the call within 10 s");
    assertThat(clutch.calls("echo").received()).isGreaterThan(10);
    assertThat(clutch.calls("echo").started()).isZero();
  }

  @Test
  void aRefusalThatIsFinalIsNotRepeated() {
    faults.refuse("echo", Reason.FUNCTION_NOT_FOUND);

    ClutchException failure = Failures.of(() -> client.request("echo", "x", String.class));

    assertThat(failure.reason()).isEqualTo(Reason.FUNCTION_NOT_FOUND);
    assertThat(failure).hasMessageContaining("refused by a test");
    assertThat(clutch.calls("echo").received()).isEqualTo(1);
  }

  @Test
  void aBackgroundCallCanBeRefused() {
    faults.refuse("echo", Reason.BAD_ARGUMENTS);

    ClutchException failure = Failures.of(() -> client.requestBackground("echo", "x"));

    assertThat(failure.reason()).isEqualTo(Reason.BAD_ARGUMENTS);
    client.requestBackground("echo", "x");
    clutch.awaitCalls("echo", calls -> calls.finished() == 1);
  }

  @Test
  void aFunctionThatFailsDoesSoAsIfItHadThrown() {
    faults.fail("echo", new IllegalStateException("the disk is full"));

    ClutchException failure = Failures.of(() -> client.request("echo", "x", String.class));

    assertThat(failure.reason()).isEqualTo(Reason.FUNCTION_FAILED);
    assertThat(failure.started()).isEqualTo(Started.YES);
    assertThat(failure)
        .hasMessage("function 'echo' failed: the disk is full (java.lang.IllegalStateException)");
    assertThat(failure.details()).containsEntry("exception", "java.lang.IllegalStateException");
  }

  @Test
  void aCascadeMeetsTheFaultsOfARun() {
    faults.fail("echo", new IllegalStateException("the disk is full"));

    ClutchException failure = Failures.of(() -> client.request("through", "x", String.class));

    assertThat(failure).hasMessageContaining("the disk is full");
    assertThat(clutch.calls("echo")).isEqualTo(new Calls(0, 1, 1));
    assertThat(clutch.calls("through")).isEqualTo(new Calls(1, 1, 1));
  }

  @Test
  void faultsForAnyFunctionAreForAll() {
    faults.next(2).fail(Faults.ANY, new IllegalStateException());

    Failures.of(() -> client.request("echo", "x", String.class));
    Failures.of(() -> client.request("other", null, String.class));

    assertThat(client.request("other", null, String.class)).isEqualTo("other");
  }

  @Test
  void faultsOfOneFunctionComeInTheOrderOfPlanning() {
    faults.fail("echo", new IllegalStateException("first"));
    faults.fail(Faults.ANY, new IllegalStateException("second"));
    faults.next(1).fail("echo", new IllegalStateException("third"));

    for (String message : new String[] {"first", "second", "third"}) {
      assertThat(Failures.of(() -> client.request("echo", "x", String.class)))
          .hasMessageContaining(message);
    }
    assertThat(client.request("echo", "x", String.class)).isEqualTo("x");
  }

  @Test
  void faultsCanBeTakenBack() {
    faults.always().fail("echo", new IllegalStateException());
    faults.always().fail("other", new IllegalStateException());

    faults.clear("echo");
    assertThat(client.request("echo", "x", String.class)).isEqualTo("x");
    Failures.of(() -> client.request("other", null, String.class));

    faults.clear();
    assertThat(client.request("other", null, String.class)).isEqualTo("other");
  }

  @Test
  void aCallMayMeetAFaultOnItsWayAndOneInItsRun() {
    faults.delay("echo", Duration.ofSeconds(1));
    faults.kill("echo");
    CompletableFuture<String> call =
        client.requestAsync(Request.of("echo", "x", String.class).idempotent());
    assertThat(clutch.calls("echo")).isEqualTo(new Calls(1, 0, 0));

    clutch.clock().advance(Duration.ofSeconds(1));

    assertThat(call).succeedsWithin(TIMEOUT).isEqualTo("x");
    assertThat(clutch.calls("echo").started()).isEqualTo(2);
  }

  @Test
  void whatCannotBeMeantIsAnError() {
    assertThatThrownBy(() -> faults.kill("ecko"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("the worker has no function 'ecko'; it has: echo, other, through");
    assertThatThrownBy(() -> faults.clear("ecko")).hasMessageContaining("'ecko'");
    assertThatThrownBy(() -> clutch.calls("ecko")).hasMessageContaining("'ecko'");
    assertThatThrownBy(() -> clutch.awaitCalls("ecko", calls -> true))
        .hasMessageContaining("'ecko'");
    assertThatThrownBy(() -> faults.next(0)).hasMessage("next(0): want 1 call or more");
    assertThatThrownBy(() -> faults.delay("echo", Duration.ofSeconds(-1)))
        .hasMessageContaining("the delay is PT-1S: want 0 or more");
    assertThatThrownBy(() -> faults.refuse("echo", Reason.FUNCTION_FAILED))
        .hasMessageContaining("no worker refuses a call for FUNCTION_FAILED");
  }

  @Test
  void aDroppedCallOfAnEarlierTestDoesNotStayForTheNextOne() throws Exception {
    faults.drop("echo");
    CompletableFuture<String> call = client.requestAsync("echo", "x", String.class);
    CountDownLatch ended = new CountDownLatch(1);
    var unused = call.whenComplete((result, failure) -> ended.countDown());

    clutch.worker().reset();

    assertThat(ended.await(20, TimeUnit.SECONDS)).isTrue();
    assertThat(Failures.of(call).reason()).isEqualTo(Reason.UNAVAILABLE);
    assertThat(clutch.calls("echo")).isEqualTo(new Calls(0, 0, 0));
    assertThat(client.request("echo", "x", String.class)).isEqualTo("x");
  }
}
