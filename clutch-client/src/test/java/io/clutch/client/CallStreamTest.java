package io.clutch.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.google.protobuf.ByteString;
import io.clutch.client.ScriptedWorker.Stream;
import io.clutch.protocol.ClutchException;
import io.clutch.protocol.Reason;
import io.clutch.protocol.Started;
import io.clutch.v1.Header;
import io.clutch.v1.Payload;
import io.clutch.v1.PayloadPart;
import io.clutch.v1.StreamedCall;
import io.clutch.v1.StreamedResult;
import io.grpc.Status;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What a client says on a call stream, and what it makes of what the worker says there. */
@Timeout(120)
final class CallStreamTest {

  private static final Duration LONG = Duration.ofSeconds(40);
  private static final Duration SHORT = Duration.ofMillis(600);

  private static ClutchClient.Builder builder(ScriptedWorker... workers) {
    return ClutchClient.builder()
        .callStreams(true)
        .servers(Arrays.stream(workers).map(ScriptedWorker::address).toList())
        .timeout(LONG);
  }

  private static CompletableFuture<String> send(ClutchClient client, String function) {
    return client.requestAsync(function, null, String.class);
  }

  private static void awaitThat(java.util.concurrent.Callable<Boolean> condition) {
    await().atMost(LONG).until(condition);
  }

  private static ClutchException failure(CompletableFuture<?> call) throws Exception {
    try {
      Object result = call.get(40, TimeUnit.SECONDS);
      throw new AssertionError("the call has a result: " + result);
    } catch (ExecutionException e) {
      return (ClutchException) e.getCause();
    }
  }

  @Test
  void aCallSaysAllThatAnRpcWouldSay() throws Exception {
    try (ScriptedWorker worker = new ScriptedWorker();
        ClutchClient client = builder(worker).build()) {
      CompletableFuture<String> call =
          client.requestAsync(
              Request.of("greet", "you", String.class)
                  .withCallId("mine")
                  .withHeader("Tenant", "blue")
                  .withTimeout(Duration.ofSeconds(30)));
      Stream stream = worker.stream(1);
      StreamedCall sent = stream.call("greet");

      assertThat(sent.getId()).isEqualTo(1);
      assertThat(sent.getPayload().getJson()).isEqualTo("\"you\"");
      assertThat(sent.getCallId()).isEqualTo("mine");
      assertThat(sent.getHeadersList())
          .containsExactly(Header.newBuilder().setName("tenant").setValue("blue").build());
      assertThat(sent.getTimeoutMicros()).isBetween(1_000_000L, 30_000_000L);
      assertThat(sent.getBackground()).isFalse();
      assertThat(sent.getPatient()).isFalse();
      stream.result(sent, "\"hello\"");
      assertThat(call).succeedsWithin(LONG).isEqualTo("hello");
      assertThat(worker.unary()).isEmpty();
    }
  }

  @Test
  void resultsAreToldOnThreadsOfTheClientsOwn() throws Exception {
    try (ScriptedWorker worker = new ScriptedWorker();
        ClutchClient client = builder(worker).build()) {
      assertThat(threadOfTheResult(worker, client)).startsWith("clutch-client-callers-");
    }
  }

  @Test
  void withADirectExecutorResultsAreToldOnTheNetworksThread() throws Exception {
    try (ScriptedWorker worker = new ScriptedWorker();
        ClutchClient client = builder(worker).directExecutor().build()) {
      assertThat(threadOfTheResult(worker, client)).startsWith("grpc-").contains("worker");
    }
  }

  @Test
  void withADirectExecutorAResultMayLeadToTheNextCall() throws Exception {
    try (ScriptedWorker worker = new ScriptedWorker();
        ClutchClient client = builder(worker).directExecutor().build()) {
      CompletableFuture<String> both =
          send(client, "first").thenCompose(result -> send(client, "second"));
      Stream stream = worker.stream(1);
      stream.result(stream.call("first"), "\"1\"");
      stream.result(stream.call("second"), "\"2\"");

      assertThat(both).succeedsWithin(LONG).isEqualTo("2");
    }
  }

  private static String threadOfTheResult(ScriptedWorker worker, ClutchClient client)
      throws Exception {
    CompletableFuture<String> name =
        send(client, "f").thenApply(result -> Thread.currentThread().getName());
    Stream stream = worker.stream(1);
    StreamedCall call = stream.call("f");
    stream.result(call, "\"1\"");
    return name.get(40, TimeUnit.SECONDS);
  }

  @Test
  void noMoreCallsAreSentThanThereArePermitsAndTheRestGoInTheirOrder() throws Exception {
    try (ScriptedWorker worker = new ScriptedWorker();
        ClutchClient client = builder(worker).build()) {
      List<CompletableFuture<String>> calls = new ArrayList<>();
      for (int i = 0; i < 6; i++) {
        calls.add(send(client, "f" + i));
      }
      Stream stream = worker.stream(2);
      StreamedCall first = stream.call("f0");
      StreamedCall second = stream.call("f1");

      stream.result(second, "\"1\"");
      StreamedCall third = stream.call("f2");
      stream.permits(4);
      StreamedCall fourth = stream.call("f3");
      StreamedCall fifth = stream.call("f4");

      assertThat(stream.hasNoCall()).isTrue();
      for (StreamedCall each : List.of(first, third, fourth, fifth)) {
        stream.result(each, "\"1\"");
      }
      stream.result(stream.call("f5"), "\"1\"");
      assertThat(calls).allSatisfy(call -> assertThat(call).succeedsWithin(LONG));
    }
  }

  @Test
  void withdrawnPermitsHoldBackCallsUntilThoseUnderWayHaveEnded() throws Exception {
    try (ScriptedWorker worker = new ScriptedWorker();
        ClutchClient client = builder(worker).build()) {
      List<CompletableFuture<String>> calls = new ArrayList<>();
      for (int i = 0; i < 3; i++) {
        calls.add(send(client, "f" + i));
      }
      Stream stream = worker.stream(3);
      List<StreamedCall> sent = List.of(stream.call(), stream.call(), stream.call());
      stream.permits(1);
      stream.result(sent.get(0), "\"1\"");
      assertThat(calls.get(0)).succeedsWithin(LONG);
      CompletableFuture<String> late = send(client, "late");
      stream.result(sent.get(1), "\"1\"");
      assertThat(calls.get(1)).succeedsWithin(LONG);
      assertThat(stream.hasNoCall()).isTrue();

      stream.result(sent.get(2), "\"1\"");

      stream.result(stream.call("late"), "\"1\"");
      assertThat(late).succeedsWithin(LONG);
    }
  }

  @Test
  void callsSpreadOverStreamsByWhatIsUnderWay() throws Exception {
    try (ScriptedWorker one = new ScriptedWorker();
        ScriptedWorker other = new ScriptedWorker();
        ClutchClient client = builder(one, other).build()) {
      CompletableFuture<String> first = send(client, "first");
      Stream atOne = one.stream(100);
      Stream atOther = other.stream(100);
      awaitThat(() -> !atOne.hasNoCall() || !atOther.hasNoCall());
      Stream firstAt = atOne.hasNoCall() ? atOther : atOne;
      // Both are there when it was answered and the other one got a call.
      firstAt.result(firstAt.call("first"), "\"1\"");
      assertThat(first).succeedsWithin(LONG);
      awaitBoth(client, atOne, atOther);

      for (int i = 0; i < 20; i++) {
        var unused = send(client, "f");
      }

      for (int i = 0; i < 10; i++) {
        assertThat(atOne.call("f")).isNotNull();
        assertThat(atOther.call("f")).isNotNull();
      }
      assertThat(atOne.hasNoCall() && atOther.hasNoCall()).isTrue();
    }
  }

  /** Until each stream gets calls. */
  private static void awaitBoth(ClutchClient client, Stream one, Stream other) {
    boolean[] seen = new boolean[2];
    awaitThat(
        () -> {
          CompletableFuture<String> probe = send(client, "probe");
          awaitThat(() -> !one.hasNoCall() || !other.hasNoCall());
          seen[0] |= !one.hasNoCall();
          seen[1] |= !other.hasNoCall();
          one.answerAll(() -> "\"1\"");
          other.answerAll(() -> "\"1\"");
          assertThat(probe).succeedsWithin(LONG);
          return seen[0] && seen[1];
        });
  }

  @Test
  void aReturnedCallGoesToAnotherProcessBeforeThoseThatCameLater() throws Exception {
    try (ScriptedWorker one = new ScriptedWorker();
        ScriptedWorker other = new ScriptedWorker();
        ClutchClient client = builder(one, other).build()) {
      Map<String, CompletableFuture<String>> calls = new HashMap<>();
      for (int i = 0; i < 5; i++) {
        calls.put("f" + i, send(client, "f" + i));
      }
      Stream from = one.stream(2);
      Stream to = other.stream(2);
      StreamedCall crossed = from.call();
      StreamedCall marker = from.call();
      StreamedCall there = to.call();
      assertThat(to.call()).isNotNull();

      from.say(m -> m.addReturned(crossed.getId()).setPermits(0));
      from.result(marker, "\"1\"");
      assertThat(calls.get(marker.getFunction())).succeedsWithin(LONG);
      to.result(there, "\"1\"");

      StreamedCall again = to.call(crossed.getFunction());
      assertThat(again.getPatient()).isFalse();
      to.result(again, "\"there\"");
      assertThat(calls.get(crossed.getFunction())).succeedsWithin(LONG).isEqualTo("there");
      assertThat(to.call("f4")).isNotNull();
    }
  }

  @Test
  void aCallThatComesBackFromEveryProcessIsSentToWaitThere() throws Exception {
    try (ScriptedWorker worker = new ScriptedWorker();
        ClutchClient client = builder(worker).build()) {
      CompletableFuture<String> call = send(client, "f");
      Stream stream = worker.stream(1);

      stream.giveBack(stream.call("f"));

      StreamedCall again = stream.call("f");
      assertThat(again.getPatient()).isTrue();
      assertThat(again.getId()).isEqualTo(2);
      stream.result(again, "\"done\"");
      assertThat(call).succeedsWithin(LONG).isEqualTo("done");
    }
  }

  @Test
  void aCallThatCameBackGoesThereAgainWhenThereIsRoomAnew() throws Exception {
    try (ScriptedWorker one = new ScriptedWorker();
        ScriptedWorker other = new ScriptedWorker();
        ClutchClient client = builder(one, other).build()) {
      List<CompletableFuture<String>> calls = new ArrayList<>();
      for (int i = 0; i < 2; i++) {
        calls.add(send(client, "f" + i));
      }
      Stream busy = other.stream(1);
      assertThat(busy.call()).isNotNull();
      Stream stream = one.stream(1);
      StreamedCall crossed = stream.call();

      stream.say(m -> m.addReturned(crossed.getId()).setPermits(0));
      stream.permits(1);

      StreamedCall again = stream.call(crossed.getFunction());
      assertThat(again.getPatient()).isFalse();
      stream.result(again, "\"done\"");
      await().atMost(LONG).until(() -> calls.stream().anyMatch(CompletableFuture::isDone));
    }
  }

  @Test
  void aCallThatComesBackThoughThereArePermitsIsSentToWaitThereWhereNobodyElseHasRoom()
      throws Exception {
    try (ScriptedWorker one = new ScriptedWorker();
        ScriptedWorker other = new ScriptedWorker();
        ClutchClient client = builder(one, other).build()) {
      for (int i = 0; i < 2; i++) {
        var unused = send(client, "f" + i);
      }
      Stream busy = other.stream(1);
      assertThat(busy.call()).isNotNull();
      Stream stream = one.stream(1);
      StreamedCall crossed = stream.call();

      stream.giveBack(crossed);

      assertThat(stream.call(crossed.getFunction()).getPatient()).isTrue();
    }
  }

  @Test
  void aCallThatComesBackThoughItWasLetWaitGoesWhereThereIsRoomNow() throws Exception {
    try (ScriptedWorker one = new ScriptedWorker();
        ScriptedWorker other = new ScriptedWorker();
        ClutchClient client = builder(one, other).build()) {
      Map<String, CompletableFuture<String>> calls = new HashMap<>();
      for (String function : List.of("f0", "f1")) {
        calls.put(function, send(client, function));
      }
      Stream busy = other.stream(1);
      StreamedCall first = busy.call();
      assertThat(first).isNotNull();
      Stream stream = one.stream(1);
      StreamedCall crossed = stream.call();
      stream.giveBack(crossed);
      StreamedCall patient = stream.call(crossed.getFunction());
      assertThat(patient.getPatient()).isTrue();

      stream.say(m -> m.addReturned(patient.getId()).setPermits(0));
      busy.result(first, "\"first\"");

      StreamedCall elsewhere = busy.call(crossed.getFunction());
      assertThat(elsewhere.getPatient()).isFalse();
      busy.result(elsewhere, "\"there\"");
      assertThat(calls.get(crossed.getFunction())).succeedsWithin(LONG).isEqualTo("there");
    }
  }

  @Test
  void ofTwoThatComeBackTogetherOneTakesTheOtherProcessAndOneWaitsWhereThereIsRoom()
      throws Exception {
    try (ScriptedWorker one = new ScriptedWorker();
        ScriptedWorker other = new ScriptedWorker();
        ClutchClient client = builder(one, other).build()) {
      for (int i = 0; i < 2; i++) {
        var unused = send(client, "f" + i);
      }
      Stream stream = one.stream(2);
      StreamedCall first = stream.call("f0");
      StreamedCall second = stream.call("f1");
      Stream elsewhere = other.stream(1);
      CompletableFuture<String> marker = send(client, "marker");
      elsewhere.result(elsewhere.call("marker"), "\"1\"");
      assertThat(marker).succeedsWithin(LONG);

      stream.giveBack(first, second);

      assertThat(elsewhere.call("f0").getPatient()).isFalse();
      assertThat(stream.call("f1").getPatient()).isTrue();
    }
  }

  @Test
  void whatComesBackTogetherKeepsItsOrder() throws Exception {
    try (ScriptedWorker worker = new ScriptedWorker();
        ClutchClient client = builder(worker).build()) {
      for (int i = 0; i < 4; i++) {
        var unused = send(client, "f" + i);
      }
      Stream stream = worker.stream(3);
      StreamedCall[] sent = {stream.call("f0"), stream.call("f1"), stream.call("f2")};

      stream.say(
          m -> {
            for (StreamedCall each : sent) {
              m.addReturned(each.getId());
            }
            m.setPermits(0);
          });
      stream.permits(4);

      for (int i = 0; i < 4; i++) {
        assertThat(stream.call("f" + i)).isNotNull();
      }
    }
  }

  @Test
  void aCallOnALostStreamMayHaveRun() throws Exception {
    try (ScriptedWorker worker = new ScriptedWorker();
        ClutchClient client = builder(worker).build()) {
      CompletableFuture<String> call = send(client, "f");
      Stream stream = worker.stream(1);
      var unused = stream.call("f");

      worker.kill();

      ClutchException failure = failure(call);
      assertThat(failure.reason()).isEqualTo(Reason.UNAVAILABLE);
      assertThat(failure.started()).isEqualTo(Started.UNKNOWN);
      assertThat(failure).hasMessageContaining("lost while the call was under way");
    }
  }

  @Test
  void anIdempotentCallOnALostStreamIsSentAgain() throws Exception {
    try (ScriptedWorker worker = new ScriptedWorker();
        ClutchClient client = builder(worker).build()) {
      CompletableFuture<String> call =
          client.requestAsync(Request.of("f", null, String.class).idempotent());
      Stream stream = worker.stream(1);
      var unused = stream.call("f");

      stream.fail(Status.UNAVAILABLE);

      Stream next = worker.stream(1);
      next.result(next.call("f"), "\"again\"");
      assertThat(call).succeedsWithin(LONG).isEqualTo("again");
    }
  }

  @Test
  void aStreamThatEndsWithoutAnAnswerHasLostItsCalls() throws Exception {
    try (ScriptedWorker worker = new ScriptedWorker();
        ClutchClient client = builder(worker).build()) {
      CompletableFuture<String> call = send(client, "f");
      CompletableFuture<String> waiting = send(client, "waiting");
      Stream stream = worker.stream(1);
      var unused = stream.call("f");

      stream.end();

      assertThat(failure(call).started()).isEqualTo(Started.UNKNOWN);
      Stream next = worker.stream(1);
      next.result(next.call("waiting"), "\"fine\"");
      assertThat(waiting).succeedsWithin(LONG).isEqualTo("fine");
    }
  }

  @Test
  void aWorkerThatDrainsAnswersWhatItHasAndGetsNoMore() throws Exception {
    try (ScriptedWorker one = new ScriptedWorker();
        ScriptedWorker other = new ScriptedWorker();
        ClutchClient client = builder(one, other).build()) {
      CompletableFuture<String> call = send(client, "first");
      Stream atOne = one.stream(5);
      Stream atOther = other.stream(5);
      awaitThat(() -> !atOne.hasNoCall() || !atOther.hasNoCall());
      Stream draining = atOne.hasNoCall() ? atOther : atOne;
      Stream staying = draining == atOne ? atOther : atOne;
      ScriptedWorker drained = draining == atOne ? one : other;
      StreamedCall first = draining.call("first");

      draining.say(m -> m.setDraining(true));
      for (int i = 0; i < 5; i++) {
        var unused = send(client, "more");
      }

      draining.giveBackAll();
      for (int i = 0; i < 5; i++) {
        staying.result(staying.call("more"), "\"1\"");
      }
      assertThat(draining.isHalfClosed()).isFalse();
      draining.result(first, "\"done\"");
      assertThat(call).succeedsWithin(LONG).isEqualTo("done");
      awaitThat(draining::isHalfClosed);
      // Another stream may find that it does not drain any more.
      Stream next = drained.stream(0);
      CompletableFuture<String> last = send(client, "last");
      staying.result(staying.call("last"), "\"1\"");
      assertThat(last).succeedsWithin(LONG);
      assertThat(next.hasNoCall()).isTrue();
    }
  }

  @Test
  void aCallThatArrivesAtADrainingWorkerGoesElsewhereWithoutAFailure() throws Exception {
    try (ScriptedWorker one = new ScriptedWorker();
        ScriptedWorker other = new ScriptedWorker();
        ClutchClient client = builder(one, other).build()) {
      CompletableFuture<String> call = send(client, "f");
      Stream atOne = one.stream(1);
      Stream atOther = other.stream(1);
      awaitThat(() -> !atOne.hasNoCall() || !atOther.hasNoCall());
      Stream draining = atOne.hasNoCall() ? atOther : atOne;
      Stream staying = draining == atOne ? atOther : atOne;
      StreamedCall crossed = draining.call("f");

      draining.say(m -> m.setDraining(true).addReturned(crossed.getId()));

      StreamedCall again = staying.call("f");
      assertThat(again.getPatient()).isFalse();
      staying.result(again, "\"there\"");
      assertThat(call).succeedsWithin(LONG).isEqualTo("there");
    }
  }

  @Test
  void aCallThatComesBackFromTheLastWorkerWaitsForTheNextOne() throws Exception {
    try (ScriptedWorker last = new ScriptedWorker();
        ClutchClient client = builder(last).build()) {
      CompletableFuture<String> call = send(client, "f");
      Stream stream = last.stream(1);
      StreamedCall sent = stream.call("f");
      last.leave();
      ClutchException failure =
          Failures.saying(
              "reach",
              () -> client.request(Request.of("other", null).withTimeout(Duration.ofMillis(300))));
      assertThat(failure.started()).isEqualTo(Started.NO);
      // By then, with nothing in the line, the client has given up to look for workers.
      await().pollDelay(Duration.ofSeconds(3)).until(() -> !call.isDone());

      stream.giveBack(sent);

      try (ScriptedWorker next = new ScriptedWorker(last.address())) {
        Stream anew = next.stream(1);
        anew.result(anew.call("f"), "\"there\"");
        assertThat(call).succeedsWithin(LONG).isEqualTo("there");
      }
    }
  }

  @Test
  void aCallThatIsNotStartedAndRefusedGoesToTheOther() throws Exception {
    try (ScriptedWorker one = new ScriptedWorker();
        ScriptedWorker other = new ScriptedWorker();
        ClutchClient client = builder(one, other).build()) {
      CompletableFuture<String> call = send(client, "f");
      Stream atOne = one.stream(5);
      Stream atOther = other.stream(5);
      awaitThat(() -> !atOne.hasNoCall() || !atOther.hasNoCall());
      Stream refusing = atOne.hasNoCall() ? atOther : atOne;
      Stream taking = refusing == atOne ? atOther : atOne;

      refusing.failure(
          refusing.call("f"), ClutchException.notStarted(Reason.QUEUE_FULL, "the queue is full"));

      taking.result(taking.call("f"), "\"taken\"");
      assertThat(call).succeedsWithin(LONG).isEqualTo("taken");
    }
  }

  @Test
  void aFailureIsTheCallersWithAllThatItSays() throws Exception {
    try (ScriptedWorker worker = new ScriptedWorker();
        ClutchClient client = builder(worker).build()) {
      CompletableFuture<String> call = send(client, "f");
      Stream stream = worker.stream(1);

      stream.failure(
          stream.call("f"),
          ClutchException.builder(Reason.FUNCTION_FAILED, Started.YES, "went wrong")
              .detail(ClutchException.EXCEPTION, "java.lang.X")
              .build());

      ClutchException failure = failure(call);
      assertThat(failure.reason()).isEqualTo(Reason.FUNCTION_FAILED);
      assertThat(failure.started()).isEqualTo(Started.YES);
      assertThat(failure).hasMessage("went wrong");
      assertThat(failure.details()).containsEntry(ClutchException.EXCEPTION, "java.lang.X");
    }
  }

  @Test
  void aCallInTheLineEndsAtItsDeadlineAndWasNotStarted() throws Exception {
    try (ScriptedWorker worker = new ScriptedWorker();
        ClutchClient client = builder(worker).build()) {
      CompletableFuture<String> busy = send(client, "busy");
      Stream stream = worker.stream(1);
      StreamedCall sent = stream.call("busy");

      CompletableFuture<Void> call =
          client.requestAsync(Request.of("late", null).withTimeout(SHORT));

      ClutchException failure = failure(call);
      assertThat(failure.reason()).isEqualTo(Reason.DEADLINE_EXCEEDED);
      assertThat(failure.started()).isEqualTo(Started.NO);
      assertThat(failure)
          .hasMessageContainingAll("no worker took the call within 600 ms", "1 attempts", "busy");
      CompletableFuture<String> next = send(client, "next");
      stream.result(sent, "\"1\"");
      assertThat(busy).succeedsWithin(LONG);
      stream.result(stream.call("next"), "\"1\"");
      assertThat(next).succeedsWithin(LONG);
      assertThat(stream.cancelled()).isEmpty();
    }
  }

  @Test
  void aCallUnderWayEndsAtItsDeadlineAndTheWorkerIsTold() throws Exception {
    try (ScriptedWorker worker = new ScriptedWorker();
        ClutchClient client = builder(worker).build()) {
      CompletableFuture<Void> call = client.requestAsync(Request.of("f", null).withTimeout(SHORT));
      Stream stream = worker.stream(1);
      StreamedCall sent = stream.call("f");

      ClutchException failure = failure(call);

      assertThat(failure.reason()).isEqualTo(Reason.DEADLINE_EXCEEDED);
      assertThat(failure.started()).isEqualTo(Started.UNKNOWN);
      assertThat(failure).hasMessage("the call did not end within 600 ms");
      awaitThat(() -> stream.cancelled().equals(List.of(sent.getId())));
      // It still has its permit, until the worker says its last of it.
      CompletableFuture<String> next = send(client, "next");
      awaitThat(() -> stream.waiting().contains(1));
      assertThat(stream.hasNoCall()).isTrue();
      stream.failure(sent, ClutchException.notStarted(Reason.CANCELLED, "cancelled"));
      stream.result(stream.call("next"), "\"1\"");
      assertThat(next).succeedsWithin(LONG);
    }
  }

  @Test
  void aCancelledCallLeavesTheLine() throws Exception {
    try (ScriptedWorker worker = new ScriptedWorker();
        ClutchClient client = builder(worker).build()) {
      CompletableFuture<String> busy = send(client, "busy");
      Stream stream = worker.stream(1);
      StreamedCall sent = stream.call("busy");
      CompletableFuture<String> gone = send(client, "gone");
      CompletableFuture<String> next = send(client, "next");

      gone.cancel(true);
      stream.result(sent, "\"1\"");

      stream.result(stream.call("next"), "\"1\"");
      assertThat(next).succeedsWithin(LONG);
      assertThat(busy).succeedsWithin(LONG);
      assertThat(stream.cancelled()).isEmpty();
    }
  }

  @Test
  void theWorkerIsToldOfACancelledCallAndWhatItStillSaysOfItIsPassedOver() throws Exception {
    try (ScriptedWorker worker = new ScriptedWorker();
        ClutchClient client = builder(worker).build()) {
      CompletableFuture<String> call = send(client, "f");
      Stream stream = worker.stream(2);
      StreamedCall sent = stream.call("f");
      stream.say(
          m ->
              m.addResults(
                  StreamedResult.newBuilder()
                      .setId(sent.getId())
                      .setPayload(ScriptedWorker.json(""))
                      .setBytesToCome(100)));
      stream.part(sent, 40);

      call.cancel(true);

      awaitThat(() -> stream.cancelled().equals(List.of(sent.getId())));
      stream.part(sent, 40);
      stream.failure(sent, ClutchException.notStarted(Reason.CANCELLED, "cancelled"));
      stream.part(sent, 20);
      CompletableFuture<String> next = send(client, "next");
      stream.result(stream.call("next"), "\"1\"");
      assertThat(next).succeedsWithin(LONG);
      assertThat(call).isCancelled();
    }
  }

  @Test
  void aLargeArgumentGoesInPartsWithOthersBetween() throws Exception {
    byte[] large = new byte[1_000_000];
    new Random(1).nextBytes(large);
    try (ScriptedWorker worker = new ScriptedWorker();
        ClutchClient client = builder(worker).build()) {
      CompletableFuture<String> warm = send(client, "warm");
      Stream stream = worker.stream(10);
      stream.result(stream.call("warm"), "\"1\"");
      assertThat(warm).succeedsWithin(LONG);

      CompletableFuture<byte[]> call = client.requestAsync("large", large, byte[].class);
      StreamedCall head = stream.call("large");
      CompletableFuture<String> small = send(client, "small");

      assertThat(head.getBytesToCome()).isEqualTo(large.length);
      awaitThat(() -> total(stream.parts()) == large.length);
      assertThat(ByteString.copyFrom(stream.parts().stream().map(PayloadPart::getData).toList()))
          .isEqualTo(ByteString.copyFrom(large));
      stream.result(stream.call("small"), "\"1\"");
      assertThat(small).succeedsWithin(LONG);

      stream.say(
          m ->
              m.addResults(
                  StreamedResult.newBuilder()
                      .setId(head.getId())
                      .setPayload(Payload.newBuilder().setData(ByteString.EMPTY))
                      .setBytesToCome(large.length)));
      for (PayloadPart part : stream.parts()) {
        stream.say(m -> m.addParts(part));
      }
      assertThat(call).succeedsWithin(LONG).isEqualTo(large);
    }
  }

  private static long total(List<PayloadPart> parts) {
    return parts.stream().mapToLong(part -> part.getData().size()).sum();
  }

  @Test
  void aResultThatIsTooLargeEndsItsCallAloneAndIsNotCollected() throws Exception {
    try (ScriptedWorker worker = new ScriptedWorker();
        ClutchClient client = builder(worker).maxMessageSize(1_000).build()) {
      CompletableFuture<String> call = send(client, "large");
      Stream stream = worker.stream(1);
      StreamedCall sent = stream.call("large");

      stream.say(
          m ->
              m.addResults(
                  StreamedResult.newBuilder()
                      .setId(sent.getId())
                      .setPayload(Payload.newBuilder().setData(ByteString.EMPTY))
                      .setBytesToCome(1_001)));

      ClutchException failure = failure(call);
      assertThat(failure.reason()).isEqualTo(Reason.MESSAGE_TOO_LARGE);
      assertThat(failure.started()).isEqualTo(Started.YES);
      assertThat(failure)
          .hasMessage(
              "the result of function 'large' has 1001 bytes; the client's maxMessageSize is 1000");
      awaitThat(() -> stream.cancelled().equals(List.of(sent.getId())));
      CompletableFuture<String> next = send(client, "next");
      assertThat(stream.hasNoCall()).isTrue();
      stream.part(sent, 1_001);
      stream.result(stream.call("next"), "\"1\"");
      assertThat(next).succeedsWithin(LONG);
    }
  }

  @Test
  void workersWithoutStreamsAreCalledByAnRpcEach() throws Exception {
    try (ScriptedWorker worker = new ScriptedWorker().refusing(Status.UNIMPLEMENTED);
        ClutchClient client = builder(worker).build()) {
      for (int i = 0; i < 3; i++) {
        assertThat(client.request("f", null, String.class)).isEqualTo("unary");
      }
      assertThat(client.requestBackground("b", null)).isEqualTo("unary");

      assertThat(worker.opened()).isEqualTo(1);
      assertThat(worker.unary()).containsExactly("f", "f", "f", "b");
    }
  }

  @Test
  void aCallThatComesBackWhenStreamsAreUsedNoMoreIsMadeByAnRpc() throws Exception {
    try (ScriptedWorker worker = new ScriptedWorker();
        ScriptedWorker replaced = new ScriptedWorker();
        ClutchClient client = builder(worker, replaced).build()) {
      CompletableFuture<String> call = send(client, "f");
      Stream stream = worker.stream(1);
      StreamedCall sent = stream.call("f");
      Stream other = replaced.stream(1);
      replaced.refusing(Status.UNIMPLEMENTED);
      other.end();
      awaitThat(() -> replaced.opened() > 1);
      assertThat(client.request("g", null, String.class)).isEqualTo("unary");
      assertThat(call).isNotDone();

      stream.giveBack(sent);

      assertThat(call).succeedsWithin(LONG).isEqualTo("unary");
    }
  }

  @Test
  void anotherPolicyOrOneOptionMakesItAnRpcEach() throws Exception {
    try (ScriptedWorker worker = new ScriptedWorker();
        ClutchClient other = builder(worker).balance("round_robin").build();
        ClutchClient without = builder(worker).callStreams(false).build()) {
      assertThat(other.request("f", null, String.class)).isEqualTo("unary");
      assertThat(without.request("f", null, String.class)).isEqualTo("unary");

      assertThat(worker.opened()).isZero();
    }
  }

  @Test
  void aCallThatNoWorkerMayTakeFailsAtOnce() throws Exception {
    try (ScriptedWorker worker =
            new ScriptedWorker().refusing(Status.UNAUTHENTICATED.withDescription("no such token"));
        ClutchClient client = builder(worker).timeout(Duration.ofMinutes(10)).build()) {
      for (int i = 0; i < 3; i++) {
        ClutchException failure = failure(send(client, "f"));
        assertThat(failure.reason()).isEqualTo(Reason.UNAUTHENTICATED);
        assertThat(failure.started()).isEqualTo(Started.NO);
        assertThat(failure).hasMessageContaining("no such token");
      }

      worker.accept();

      CompletableFuture<?> served =
          CompletableFuture.runAsync(
              () -> {
                Stream stream = stream(worker);
                awaitThat(
                    () -> {
                      stream.answerAll(() -> "\"now\"");
                      return stream.isBroken();
                    });
              });
      await()
          .atMost(LONG)
          .ignoreExceptions()
          .until(() -> "now".equals(client.request("f", null, String.class)));
      assertThat(served.isCompletedExceptionally()).isFalse();
    }
  }

  private static Stream stream(ScriptedWorker worker) {
    try {
      return worker.stream(10);
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void backgroundCallsNeedNoPermitAndHaveTheirIds() throws Exception {
    try (ScriptedWorker worker = new ScriptedWorker();
        ClutchClient client = builder(worker).build()) {
      CompletableFuture<String> made = client.requestBackgroundAsync(Request.of("b", null));
      CompletableFuture<String> mine =
          client.requestBackgroundAsync(Request.of("b", null).withCallId("mine"));
      Stream stream = worker.stream(0);
      StreamedCall first = stream.call("b");
      StreamedCall second = stream.call("b");

      assertThat(first.getBackground()).isTrue();
      stream.accept(first, "made");
      stream.accept(second, "");

      assertThat(made).succeedsWithin(LONG).isEqualTo("made");
      assertThat(mine).succeedsWithin(LONG).isEqualTo("mine");
    }
  }

  @Test
  void onlyAThousandBackgroundCallsAreUnanswered() throws Exception {
    try (ScriptedWorker worker = new ScriptedWorker();
        ClutchClient client = builder(worker).build()) {
      List<CompletableFuture<String>> calls = new ArrayList<>();
      for (int i = 0; i < 1_010; i++) {
        calls.add(client.requestBackgroundAsync(Request.of("b", null)));
      }
      Stream stream = worker.stream(0);
      List<StreamedCall> sent = new ArrayList<>();
      for (int i = 0; i < 1_000; i++) {
        sent.add(stream.call());
      }
      assertThat(stream.hasNoCall()).isTrue();

      sent.forEach(call -> stream.accept(call, "id"));

      for (int i = 0; i < 10; i++) {
        stream.accept(stream.call(), "id");
      }
      assertThat(calls).allSatisfy(call -> assertThat(call).succeedsWithin(LONG));
    }
  }

  @Test
  void waitingIsAnnouncedWhenItBeginsAndEndsOnly() throws Exception {
    try (ScriptedWorker worker = new ScriptedWorker();
        ClutchClient client = builder(worker).build()) {
      CompletableFuture<String> busy = send(client, "busy");
      Stream stream = worker.stream(1);
      StreamedCall sent = stream.call("busy");
      for (int i = 0; i < 100; i++) {
        var unused = send(client, "waiting");
      }
      awaitThat(() -> stream.waiting().size() == 1 && stream.waiting().get(0) >= 1);

      stream.result(sent, "\"1\"");
      assertThat(busy).succeedsWithin(LONG);
      for (int i = 0; i < 100; i++) {
        stream.result(stream.call("waiting"), "\"1\"");
      }

      awaitThat(() -> stream.waiting().get(stream.waiting().size() - 1) == 0);
      assertThat(stream.waiting().size()).isLessThan(15);
      assertThat(stream.waiting()).filteredOn(Predicate.isEqual(0)).hasSize(1);
    }
  }

  @Test
  void progressIsHeardInOrderBeforeTheResult() throws Exception {
    ConcurrentLinkedQueue<Object> heard = new ConcurrentLinkedQueue<>();
    try (ScriptedWorker worker = new ScriptedWorker();
        ClutchClient client = builder(worker).build()) {
      CompletableFuture<String> call =
          client.requestAsync(
              Request.of("f", null, String.class)
                  .onProgress(
                      progress -> {
                        heard.add(progress);
                        if (progress.done() == 50) {
                          throw new IllegalStateException("a defect of the caller's");
                        }
                      }));
      var unused = call.thenAccept(heard::add);
      Stream stream = worker.stream(1);
      StreamedCall sent = stream.call("f");

      for (int i = 1; i <= 100; i++) {
        int done = i;
        stream.say(
            m ->
                m.addProgressBuilder()
                    .setId(sent.getId())
                    .setDone(done)
                    .setTotal(100)
                    .setNote("step"));
      }
      stream.result(sent, "\"result\"");

      assertThat(call).succeedsWithin(LONG);
      awaitThat(() -> heard.size() == 101);
      List<Object> inOrder = new ArrayList<>();
      for (int i = 1; i <= 100; i++) {
        inOrder.add(new Progress(i, 100, "step"));
      }
      inOrder.add("result");
      assertThat(heard).containsExactlyElementsOf(inOrder);
    }
  }

  @Test
  void aWorkerThatBreaksTheProtocolLosesItsStream() throws Exception {
    try (ScriptedWorker worker = new ScriptedWorker();
        ClutchClient client = builder(worker).build()) {
      CompletableFuture<String> call = send(client, "f");
      Stream stream = worker.stream(1);
      var unused = stream.call("f");

      stream.say(
          m ->
              m.addResults(
                  StreamedResult.newBuilder().setId(7).setPayload(ScriptedWorker.json("1"))));

      ClutchException failure = failure(call);
      assertThat(failure.reason()).isEqualTo(Reason.UNAVAILABLE);
      assertThat(failure.started()).isEqualTo(Started.UNKNOWN);
      assertThat(failure).hasMessageContaining("call 7 was never sent");
      awaitThat(stream::isBroken);
      CompletableFuture<String> next = send(client, "next");
      Stream anew = worker.stream(1);
      anew.result(anew.call("next"), "\"fine\"");
      assertThat(next).succeedsWithin(LONG).isEqualTo("fine");
    }
  }

  @Test
  void aCallbackThatBlocksDoesNotHoldUpOtherCalls() throws Exception {
    CountDownLatch release = new CountDownLatch(1);
    try (ScriptedWorker worker = new ScriptedWorker();
        ClutchClient client = builder(worker).build()) {
      CompletableFuture<Object> blocked =
          send(client, "f0")
              .thenApply(
                  result -> {
                    try {
                      return release.await(60, TimeUnit.SECONDS);
                    } catch (InterruptedException e) {
                      throw new AssertionError(e);
                    }
                  });
      CompletableFuture<String> other = send(client, "f1");
      Stream stream = worker.stream(2);
      StreamedCall first = stream.call("f0");
      StreamedCall second = stream.call("f1");

      stream.say(
          m ->
              m.addResults(Stream.resultOf(first, "\"1\""))
                  .addResults(Stream.resultOf(second, "\"2\"")));

      assertThat(other).succeedsWithin(LONG).isEqualTo("2");
      assertThat(blocked).isNotDone();
      release.countDown();
      assertThat(blocked).succeedsWithin(LONG).isEqualTo(true);
    }
  }

  @Test
  void closingLetsCallsUnderWayAndInTheLineEnd() throws Exception {
    try (ScriptedWorker worker = new ScriptedWorker()) {
      ClutchClient client = builder(worker).build();
      CompletableFuture<String> underWay = send(client, "f0");
      CompletableFuture<String> inLine = send(client, "f1");
      Stream stream = worker.stream(1);
      StreamedCall first = stream.call("f0");
      CompletableFuture<Void> closed = CompletableFuture.runAsync(client::close);
      awaitThat(
          () -> {
            try {
              return failure(send(client, "late")).reason() == Reason.CANCELLED;
            } catch (java.util.concurrent.TimeoutException e) {
              return false;
            }
          });

      stream.result(first, "\"0\"");
      stream.result(stream.call("f1"), "\"1\"");

      assertThat(underWay).succeedsWithin(LONG).isEqualTo("0");
      assertThat(inLine).succeedsWithin(LONG).isEqualTo("1");
      awaitThat(stream::isHalfClosed);
      assertThat(closed).succeedsWithin(LONG);
    }
  }

  @Test
  void closingGivesUpWhatDoesNotEnd() throws Exception {
    try (ScriptedWorker worker = new ScriptedWorker()) {
      ClutchClient client = builder(worker).build();
      CompletableFuture<String> underWay = send(client, "f0");
      CompletableFuture<String> inLine = send(client, "f1");
      Stream stream = worker.stream(1);
      var unused = stream.call("f0");

      client.close();

      ClutchException lost = failure(underWay);
      assertThat(lost.started()).isEqualTo(Started.UNKNOWN);
      ClutchException never = failure(inLine);
      assertThat(never.reason()).isEqualTo(Reason.CANCELLED);
      assertThat(never.started()).isEqualTo(Started.NO);
      assertThat(never).hasMessageContaining("closed");
    }
  }

  @Test
  void aClientThatMakesNoCallsDoesNotConnect() throws IOException {
    try (ScriptedWorker worker = new ScriptedWorker();
        ClutchClient client = builder(worker).build()) {
      assertThat(client.toString()).contains(worker.address());
      assertThat(worker.opened()).isZero();
    }
  }
}
