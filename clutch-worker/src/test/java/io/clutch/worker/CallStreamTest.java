package io.clutch.worker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.google.common.collect.ImmutableMap;
import com.google.protobuf.ByteString;
import io.clutch.protocol.ClutchException;
import io.clutch.protocol.PayloadCodec;
import io.clutch.protocol.Reason;
import io.clutch.protocol.Started;
import io.clutch.v1.CallStreamResponse;
import io.clutch.v1.Header;
import io.clutch.v1.Payload;
import io.clutch.v1.PayloadPart;
import io.clutch.v1.Progress;
import io.clutch.v1.StreamedResult;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.inprocess.InProcessChannelBuilder;
import io.grpc.inprocess.InProcessServerBuilder;
import io.opentelemetry.context.Context;
import io.opentelemetry.context.propagation.ContextPropagators;
import io.opentelemetry.context.propagation.TextMapGetter;
import io.opentelemetry.context.propagation.TextMapPropagator;
import io.opentelemetry.context.propagation.TextMapSetter;
import io.opentelemetry.sdk.OpenTelemetrySdk;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Call streams as the protocol promises them, over a real socket. */
class CallStreamTest {

  private final AtomicInteger runs = new AtomicInteger();
  private final Semaphore entered = new Semaphore(0);
  private final Semaphore mayEnd = new Semaphore(0);
  private final CountDownLatch interrupted = new CountDownLatch(1);
  private final List<StreamCaller> callers = new ArrayList<>();
  private final Worker.Builder builder =
      Worker.builder()
          .address("127.0.0.1:0")
          .concurrency(1)
          .maxMessageSize(1024 * 1024)
          .gracefulTimeout(Duration.ofSeconds(20))
          .function("hold", Void.class, this::hold)
          .function("run", (Action) runs::incrementAndGet)
          .function("echo", byte[].class, (bytes, call) -> bytes)
          .function("text", String.class, (text, call) -> text)
          .function("fill", Integer.class, (size, call) -> new byte[size])
          .function("headers", Void.class, (nothing, call) -> call.headers())
          .function(FunctionDefinition.named("inline").inline().runs((nothing, call) -> 1))
          .function("steps", Integer.class, CallStreamTest::steps);
  private Worker worker;

  private Void hold(Void nothing, Call call) throws InterruptedException {
    entered.release();
    try {
      mayEnd.acquire();
    } catch (InterruptedException e) {
      interrupted.countDown();
      throw e;
    }
    return null;
  }

  private static Integer steps(Integer steps, Call call) {
    for (int i = 1; i <= steps; i++) {
      call.progress(i, steps, "step " + i);
    }
    return steps;
  }

  private StreamCaller serve() throws IOException {
    if (worker == null) {
      worker = builder.build().start();
    }
    return another();
  }

  private StreamCaller another() {
    StreamCaller caller = new StreamCaller(worker);
    callers.add(caller);
    return caller;
  }

  private void awaitEntered() throws InterruptedException {
    assertThat(entered.tryAcquire(30, TimeUnit.SECONDS)).isTrue();
  }

  private static Header header(String name, String value) {
    return Header.newBuilder().setName(name).setValue(value).build();
  }

  @AfterEach
  void stop() throws InterruptedException {
    mayEnd.release(10_000);
    for (StreamCaller caller : callers) {
      caller.close();
    }
    worker.close();
  }

  @Test
  void theFirstThingSaidIsThePlaceAndTheFirstPermits() throws Exception {
    StreamCaller caller = serve();

    caller.awaits(s -> s.lastPermits() >= 1);

    int size = caller.see(s -> s.messages.get(0).getPlace().getPoolSize());
    assertThat(size).isEqualTo(1);
  }

  @Test
  void aCallGetsItsResult() throws Exception {
    StreamCaller caller = serve();

    Payload result = caller.result(caller.call("text", "hello"));

    assertThat(result.getJson()).isEqualTo("\"hello\"");
  }

  @Test
  void everyKindOfFailureEndsItsCallOnly() throws Exception {
    StreamCaller caller = serve();

    assertThat(caller.failure(caller.call("nosuch", null)).reason())
        .isEqualTo(Reason.FUNCTION_NOT_FOUND);
    assertThat(caller.failure(caller.call("", null)).reason()).isEqualTo(Reason.BAD_ARGUMENTS);
    assertThat(caller.failure(caller.call("text", 1.5, call -> call.setPayload(bytes(3)))).reason())
        .isEqualTo(Reason.BAD_ARGUMENTS);
    ClutchException tooLarge = caller.failure(caller.call("fill", 2 * 1024 * 1024));
    assertThat(tooLarge.reason()).isEqualTo(Reason.MESSAGE_TOO_LARGE);
    assertThat(tooLarge.started()).isEqualTo(Started.YES);
    assertThat(caller.result(caller.call("text", "still here")).getJson())
        .isEqualTo("\"still here\"");
  }

  private static Payload bytes(int size) {
    return Payload.newBuilder().setData(ByteString.copyFrom(new byte[size])).build();
  }

  @Test
  void withOnePlaceASecondSlowCallComesBack() throws Exception {
    StreamCaller caller = serve();
    long held = caller.call("hold", null);
    awaitEntered();

    long second = caller.call("run", null);

    caller.awaits(s -> s.returned.contains(second));
    mayEnd.release();
    caller.result(held);
    assertThat(runs).hasValue(0);
  }

  @Test
  void aPatientCallWaitsForItsTurn() throws Exception {
    StreamCaller caller = serve();
    long held = caller.call("hold", null);
    awaitEntered();

    // As long as that waits, too, the line is not for calls that could run elsewhere.
    caller.call("run", null, call -> call.setBackground(true));
    long patient = caller.call("run", null, call -> call.setPatient(true));
    mayEnd.release();

    caller.result(held);
    caller.result(patient);
    assertThat(runs).hasValue(2);
  }

  @Test
  void aPatientCallComesBackWhenASlowOneGoesOn() throws Exception {
    StreamCaller caller = serve();
    long held = caller.call("hold", null);
    awaitEntered();

    long patient = caller.call("run", null, call -> call.setPatient(true));

    caller.awaits(s -> s.returned.contains(patient));
    mayEnd.release();
    caller.result(held);
    caller.result(caller.call("run", null));
    assertThat(runs).hasValue(1);
  }

  @Test
  void aCallThatWaitedBehindOthersComesBackWhenTheLastOfThemIsSlow() throws Exception {
    StreamCaller caller = serve();
    caller.call("hold", null);
    awaitEntered();
    caller.call("hold", null, call -> call.setBackground(true));
    long waits = caller.call("run", null);
    long returns = caller.call("run", null);
    caller.awaits(s -> s.returned.contains(returns));

    mayEnd.release();
    awaitEntered();

    caller.awaits(s -> s.returned.contains(waits));
    assertThat(runs).hasValue(0);
  }

  @Test
  void aFullQueueRefusesAPatientCall() throws Exception {
    builder.queueCapacity(1);
    StreamCaller caller = serve();
    caller.call("hold", null);
    awaitEntered();
    caller.call("run", null, call -> call.setBackground(true));

    long refused = caller.call("run", null, call -> call.setPatient(true));

    ClutchException failure = caller.failure(refused);
    assertThat(failure.reason()).isEqualTo(Reason.QUEUE_FULL);
    assertThat(failure.started()).isEqualTo(Started.NO);
  }

  @Test
  void anInlineFunctionNeedsNoPlace() throws Exception {
    StreamCaller caller = serve();
    caller.call("hold", null);
    awaitEntered();

    assertThat(caller.result(caller.call("inline", null)).getJson()).isEqualTo("1");
  }

  @Test
  void anOfferIsWithdrawnFromOthersAndComesBack() throws Exception {
    StreamCaller first = serve();
    StreamCaller second = another();
    first.awaits(s -> s.lastPermits() == 1);
    second.awaits(s -> s.lastPermits() == 1);

    long held = first.call("hold", null);
    awaitEntered();
    // It counts while it is heard.
    second.send(message -> {});
    second.awaits(s -> s.permits.contains(0));
    mayEnd.release();

    first.result(held);
    second.awaits(s -> s.lastPermits() == 1);
  }

  @Test
  void whoSaysThatCallsWaitGetsWhatBecomesFreeInTurn() throws Exception {
    StreamCaller first = serve();
    StreamCaller many = another();
    StreamCaller one = another();
    one.awaits(s -> s.lastPermits() == 1);
    long held = first.call("hold", null);
    awaitEntered();
    many.send(message -> message.setWaiting(1_000));
    many.awaits(s -> s.lastPermits() == 0);
    one.send(message -> message.setWaiting(1));
    one.awaits(s -> s.lastPermits() == 0);

    mayEnd.release();
    first.result(held);
    many.awaits(s -> s.lastPermits() == 1);
    long next = many.call("hold", null);
    awaitEntered();
    mayEnd.release();
    many.result(next);

    // Though the other one has 999 waiting yet.
    one.awaits(s -> s.lastPermits() == 1);
    one.result(one.call("run", null));
  }

  @Test
  void aPromiseThatNobodyTakesGoesToTheNextOne() throws Exception {
    StreamCaller lazy = serve();
    StreamCaller other = another();
    lazy.awaits(s -> s.lastPermits() == 1);
    long held = other.call("hold", null);
    awaitEntered();
    lazy.send(message -> message.setWaiting(5));
    lazy.awaits(s -> s.lastPermits() == 0);
    other.send(message -> message.setWaiting(1));

    mayEnd.release();
    other.result(held);

    other.awaits(s -> s.lastPermits() >= 1);
    other.result(other.call("run", null));
  }

  @Test
  void quickCallsGetManyPermits() throws Exception {
    StreamCaller caller = serve();

    await()
        .atMost(Duration.ofSeconds(60))
        .until(
            () -> {
              List<Long> ids = new ArrayList<>();
              for (int i = 0; i < 50; i++) {
                ids.add(caller.call("run", null));
              }
              ids.forEach(id -> caller.awaits(s -> s.isFinal(id)));
              return caller.see(StreamCaller.Seen::lastPermits) > 1;
            });
  }

  @Test
  void backgroundCallsAreAcceptedAndRun() throws Exception {
    StreamCaller caller = serve();
    caller.call("hold", null);
    awaitEntered();

    long background = caller.call("run", null, call -> call.setBackground(true));
    long own = caller.call("run", null, call -> call.setBackground(true).setCallId("mine"));

    caller.awaits(s -> s.accepted.containsKey(background) && s.accepted.containsKey(own));
    String madeHere = caller.see(s -> s.accepted.get(background));
    assertThat(madeHere).isNotEmpty();
    String given = caller.see(s -> s.accepted.get(own));
    assertThat(given).isEqualTo("mine");
    assertThat(runs).hasValue(0);
    mayEnd.release();
    await().atMost(Duration.ofSeconds(30)).until(() -> runs.get() == 2);
  }

  @Test
  void backgroundCallsOutliveTheirStream() throws Exception {
    StreamCaller caller = serve();
    caller.call("hold", null, call -> call.setBackground(true));
    awaitEntered();
    long waiting = caller.call("run", null, call -> call.setBackground(true));
    caller.awaits(s -> s.accepted.containsKey(waiting));

    caller.cancel();
    mayEnd.release();

    await().atMost(Duration.ofSeconds(30)).until(() -> runs.get() == 1);
  }

  @Test
  void aFullQueueRefusesABackgroundCall() throws Exception {
    builder.queueCapacity(1);
    StreamCaller caller = serve();
    caller.call("hold", null);
    awaitEntered();
    caller.call("run", null, call -> call.setBackground(true));

    long refused = caller.call("run", null, call -> call.setBackground(true));

    assertThat(caller.failure(refused).reason()).isEqualTo(Reason.QUEUE_FULL);
  }

  @Test
  void behindABacklogOfBackgroundCallsEachStreamMayQueueOneCall() throws Exception {
    StreamCaller caller = serve();
    caller.call("hold", null, call -> call.setBackground(true));
    awaitEntered();
    caller.call("hold", null, call -> call.setBackground(true));
    long waits = caller.call("run", null);
    long returns = caller.call("run", null);

    caller.awaits(s -> s.returned.contains(returns));
    mayEnd.release(2);
    caller.result(waits);
    assertThat(runs).hasValue(1);
  }

  @Test
  void cancellingInterruptsARunningCall() throws Exception {
    StreamCaller caller = serve();
    long held = caller.call("hold", null);
    awaitEntered();

    caller.send(message -> message.addCancelled(held));

    ClutchException failure = caller.failure(held);
    assertThat(failure.reason()).isEqualTo(Reason.CANCELLED);
    assertThat(failure.started()).isEqualTo(Started.YES);
    assertThat(interrupted.await(30, TimeUnit.SECONDS)).isTrue();
  }

  @Test
  void cancellingWhatIsUnknownOrOverDoesNothing() throws Exception {
    StreamCaller caller = serve();
    long done = caller.call("run", null);
    caller.result(done);

    caller.send(message -> message.addCancelled(done).addCancelled(77));

    caller.result(caller.call("run", null));
  }

  @Test
  void theDeadlineEndsARunningCall() throws Exception {
    StreamCaller caller = serve();

    long held = caller.call("hold", null, call -> call.setTimeoutMicros(100_000));

    ClutchException failure = caller.failure(held);
    assertThat(failure.reason()).isEqualTo(Reason.DEADLINE_EXCEEDED);
    assertThat(interrupted.await(30, TimeUnit.SECONDS)).isTrue();
  }

  @Test
  void aCallWhoseDeadlinePassesInTheQueueNeverRuns() throws Exception {
    StreamCaller caller = serve();
    long held = caller.call("hold", null);
    awaitEntered();

    long late = caller.call("run", null, call -> call.setPatient(true).setTimeoutMicros(50_000));

    ClutchException failure = caller.failure(late);
    assertThat(failure.reason()).isEqualTo(Reason.DEADLINE_EXCEEDED);
    assertThat(failure.started()).isEqualTo(Started.NO);
    mayEnd.release();
    caller.result(held);
    assertThat(runs).hasValue(0);
  }

  @Test
  void theEndOfTheStreamCancelsItsCalls() throws Exception {
    StreamCaller caller = serve();
    caller.call("hold", null);
    awaitEntered();

    caller.cancel();

    assertThat(interrupted.await(30, TimeUnit.SECONDS)).isTrue();
  }

  @Test
  void aHalfClosedStreamAnswersWhatItHas() throws Exception {
    StreamCaller caller = serve();
    long held = caller.call("hold", null);
    awaitEntered();

    caller.halfClose();
    mayEnd.release();

    caller.result(held);
    caller.awaits(s -> s.completed);
  }

  @Test
  void aLongArgumentAndALongResultTravelInParts() throws Exception {
    StreamCaller caller = serve();
    byte[] bytes = new byte[300_000];
    for (int i = 0; i < bytes.length; i++) {
      bytes[i] = (byte) (i * 31);
    }
    long id =
        caller.call("echo", null, call -> call.setPayload(bytes(0)).setBytesToCome(bytes.length));
    caller.send(message -> message.addParts(part(id, ByteString.copyFrom(bytes, 0, 100_000))));
    caller.send(
        message ->
            message.addParts(
                part(id, ByteString.copyFrom(bytes, 100_000, bytes.length - 100_000))));

    Payload head = caller.result(id);

    assertThat(head.getData()).isEmpty();
    long announced = caller.see(s -> s.bytesToCome.get(id));
    assertThat(announced).isEqualTo(bytes.length);
    assertThat(caller.see(s -> s.parts.get(id)).toByteArray()).isEqualTo(bytes);
  }

  @Test
  void aJsonArgumentTravelsInPartsToo() throws Exception {
    StreamCaller caller = serve();
    String text = "ä".repeat(20_000);
    ByteString json = PayloadCodec.standard().encode(text).getJsonBytes();
    long id =
        caller.call(
            "text",
            null,
            call -> call.setPayload(Payload.newBuilder().setJson("")).setBytesToCome(json.size()));
    // In the middle of a character.
    caller.send(message -> message.addParts(part(id, json.substring(0, 10_002))));
    caller.send(message -> message.addParts(part(id, json.substring(10_002))));

    caller.result(id);

    ByteString content = caller.see(s -> s.parts.get(id));
    assertThat(content).isEqualTo(json);
  }

  private static PayloadPart part(long id, ByteString data) {
    return PayloadPart.newBuilder().setId(id).setData(data).build();
  }

  @Test
  void smallAnswersOvertakeALongOne() throws Exception {
    builder.concurrency(2);
    StreamCaller caller = serve();
    long large = caller.call("fill", 1_000_000);
    long small = caller.call("inline", null);

    caller.result(large);
    caller.result(small);

    // It was not the last message that brought the small one.
    int last = caller.see(s -> s.messages.size()) - 1;
    int brought =
        caller.see(
            s ->
                s.messages.indexOf(
                    s.messages.stream()
                        .filter(m -> m.getResultsList().stream().anyMatch(r -> r.getId() == small))
                        .findFirst()
                        .orElseThrow()));
    assertThat(brought).isLessThan(last);
    // No message holds up others for long.
    List<CallStreamResponse> messages = caller.see(s -> List.copyOf(s.messages));
    assertThat(messages)
        .allSatisfy(message -> assertThat(message.getSerializedSize()).isLessThan(110_000));
  }

  @Test
  void anArgumentThatIsTooLargeIsRefusedBeforeItComes() throws Exception {
    StreamCaller caller = serve();

    long id =
        caller.call(
            "echo", null, call -> call.setPayload(bytes(0)).setBytesToCome(2 * 1024 * 1024));

    ClutchException failure = caller.failure(id);
    assertThat(failure.reason()).isEqualTo(Reason.MESSAGE_TOO_LARGE);
    assertThat(failure.started()).isEqualTo(Started.NO);
    caller.send(message -> message.addParts(part(id, ByteString.copyFrom(new byte[10]))));
    caller.result(caller.call("run", null));
  }

  @Test
  void aCallCancelledWhileItsArgumentComesNeverRuns() throws Exception {
    StreamCaller caller = serve();
    long id = caller.call("echo", null, call -> call.setPayload(bytes(0)).setBytesToCome(20));

    caller.send(message -> message.addCancelled(id));

    ClutchException failure = caller.failure(id);
    assertThat(failure.reason()).isEqualTo(Reason.CANCELLED);
    assertThat(failure.started()).isEqualTo(Started.NO);
  }

  @Test
  void nonsenseEndsTheStreamWithAClearError() throws Exception {
    serve();
    assertNonsense(caller -> caller.call("run", null, call -> call.setId(0)), "ids grow");
    assertNonsense(
        caller -> {
          long id = caller.call("echo", null, call -> call.setPayload(bytes(0)).setBytesToCome(2));
          caller.send(message -> message.addParts(part(id, ByteString.copyFromUtf8("abc"))));
        },
        "more than the 2 bytes");
  }

  private void assertNonsense(Consumer<StreamCaller> nonsense, String message) {
    StreamCaller caller = another();
    nonsense.accept(caller);
    caller.awaits(s -> s.error != null);
    Status status = Status.fromThrowable(caller.see(s -> s.error));
    assertThat(status.getCode()).isEqualTo(Status.Code.INVALID_ARGUMENT);
    assertThat(status.getDescription()).contains(message);
  }

  @Test
  void headersOfACallStandBesideThoseOfTheStream() throws Exception {
    serve();
    Metadata headers = new Metadata();
    headers.put(Metadata.Key.of("all", Metadata.ASCII_STRING_MARSHALLER), "1");
    headers.put(Metadata.Key.of("both", Metadata.ASCII_STRING_MARSHALLER), "stream");
    StreamCaller caller = new StreamCaller(worker, headers, true);
    callers.add(caller);

    Payload result =
        caller.result(
            caller.call(
                "headers",
                null,
                call -> call.addHeaders(header("own", "2")).addHeaders(header("both", "call"))));

    @SuppressWarnings("unchecked")
    Map<String, String> seen =
        (Map<String, String>) PayloadCodec.standard().decode(result, Map.class);
    assertThat(seen).containsAllEntriesOf(ImmutableMap.of("all", "1", "own", "2", "both", "call"));
  }

  @Test
  void headersThatAreOfNoUseFailTheirCall() throws Exception {
    StreamCaller caller = serve();

    assertThat(caller.failure(header(caller, "Bad Name", "x")).reason())
        .isEqualTo(Reason.BAD_ARGUMENTS);
    assertThat(caller.failure(header(caller, "name", "two\nlines")).reason())
        .isEqualTo(Reason.BAD_ARGUMENTS);
    assertThat(caller.failure(header(caller, "long", "x".repeat(9_000))).getMessage())
        .contains("maxHeaderSize");
    caller.result(caller.call("run", null));
  }

  private static long header(StreamCaller caller, String name, String value) {
    return caller.call("run", null, call -> call.addHeaders(header(name, value)));
  }

  @Test
  void telemetryThatThrowsEndsItsCallOnly() throws Exception {
    builder.openTelemetry(
        OpenTelemetrySdk.builder().setPropagators(ContextPropagators.create(new Picky())).build());
    StreamCaller caller = serve();

    ClutchException failure = caller.failure(header(caller, "poison", "x"));

    assertThat(failure.reason()).isEqualTo(Reason.INTERNAL);
    assertThat(failure).hasMessageContaining("no poison");
    caller.result(caller.call("run", null));
  }

  /** Does not bear one header. */
  private static final class Picky implements TextMapPropagator {
    @Override
    public Collection<String> fields() {
      return List.of();
    }

    @Override
    public <C> void inject(Context context, @Nullable C carrier, TextMapSetter<C> setter) {}

    @Override
    public <C> Context extract(Context context, @Nullable C carrier, TextMapGetter<C> getter) {
      if (getter.get(carrier, "poison") != null) {
        throw new IllegalArgumentException("no poison, please");
      }
      return context;
    }
  }

  @Test
  void progressReachesTheCaller() throws Exception {
    StreamCaller caller = serve();

    long id = caller.call("steps", 5);
    caller.result(id);

    List<Progress> progress = caller.see(s -> List.copyOf(s.progress));
    assertThat(progress).isNotEmpty();
    Progress last = progress.get(progress.size() - 1);
    assertThat(last.getId()).isEqualTo(id);
    assertThat(last.getDone()).isEqualTo(5);
    assertThat(last.getTotal()).isEqualTo(5);
    assertThat(last.getNote()).isEqualTo("step 5");
  }

  @Test
  void aClientThatDoesNotReadIsNotReadEither() throws Exception {
    builder.concurrency(4);
    serve();
    StreamCaller deaf = new StreamCaller(worker, new Metadata(), false);
    callers.add(deaf);
    StreamCaller other = another();

    // Far more results than any buffer of the way holds.
    Set<Long> sent = new HashSet<>();
    for (int i = 0; i < 200 && (i < 50 || deaf.isReady()); i++) {
      sent.add(deaf.call("fill", 1_000_000, call -> call.setPatient(true)));
    }
    other.result(other.call("inline", null));
    deaf.read(Integer.MAX_VALUE);

    sent.forEach(id -> deaf.awaits(s -> s.isFinal(id)));
  }

  /** A transport without threads of Netty's. */
  @Test
  void inOneProcessEveryCallHasOneFinalItem() throws Exception {
    String name = InProcessServerBuilder.generateName();
    builder.concurrency(4);
    worker = builder.build().start(InProcessServerBuilder.forName(name));
    StreamCaller caller =
        new StreamCaller(
            InProcessChannelBuilder.forName(name).build(), new Metadata(), /* reads= */ true);
    callers.add(caller);

    List<Long> sent = new ArrayList<>();
    for (int i = 0; i < 2_000; i++) {
      String function = i % 3 == 0 ? "inline" : i % 3 == 1 ? "steps" : "echo";
      Object argument = i % 3 == 0 ? null : i % 3 == 1 ? (Object) 3 : new byte[i % 100 * 1_000];
      sent.add(caller.call(function, argument, call -> call.setPatient(true)));
      if (i % 5 == 0) {
        long cancelled = sent.get(i / 2);
        caller.send(message -> message.addCancelled(cancelled));
      }
    }

    caller.awaits(s -> sent.stream().allMatch(s::isFinal));
    List<Long> finals =
        caller.see(
            s -> {
              List<Long> ids = new ArrayList<>(s.failures.keySet());
              ids.addAll(s.returned);
              // A long result may be broken off, which then is the final item.
              s.messages.stream()
                  .flatMap(message -> message.getResultsList().stream())
                  .map(StreamedResult::getId)
                  .filter(s::isWhole)
                  .forEach(ids::add);
              return ids;
            });
    assertThat(finals).doesNotHaveDuplicates().containsExactlyInAnyOrderElementsOf(sent);
  }

  @Test
  void aDrainSendsBackWhatComesAndAnswersWhatItHas() throws Exception {
    StreamCaller caller = serve();
    long held = caller.call("hold", null);
    awaitEntered();
    CompletableFuture<Void> closing = CompletableFuture.runAsync(worker::close);

    caller.awaits(s -> s.draining);
    long late = caller.call("run", null);
    caller.awaits(s -> s.returned.contains(late));
    caller.halfClose();
    mayEnd.release();

    caller.result(held);
    caller.awaits(s -> s.completed);
    closing.get(30, TimeUnit.SECONDS);
    assertThat(runs).hasValue(0);
  }

  @Test
  void aClientThatTakesNoNoteOfADrainDoesNotHoldItUp() throws Exception {
    StreamCaller caller = serve();
    caller.result(caller.call("run", null));

    worker.close();

    caller.awaits(s -> s.completed || s.error != null);
  }

  @Test
  void aSilentStreamIsEnded() throws Exception {
    builder.maxConnectionIdle(Duration.ofSeconds(1));
    StreamCaller caller = serve();
    caller.result(caller.call("run", null));

    caller.awaits(s -> s.draining);
  }
}
