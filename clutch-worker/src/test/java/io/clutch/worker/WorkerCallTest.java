package io.clutch.worker;

import static io.clutch.worker.TestCaller.failureOf;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.common.reflect.TypeToken;
import io.clutch.protocol.ClutchException;
import io.clutch.protocol.JsonPayloadConverter;
import io.clutch.protocol.PayloadConverter;
import io.clutch.protocol.Reason;
import io.clutch.protocol.Started;
import io.clutch.v1.CallRequest;
import io.clutch.v1.Payload;
import io.grpc.Metadata;
import io.grpc.stub.MetadataUtils;
import java.io.IOException;
import java.lang.reflect.Type;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What goes in and what comes out, over a real socket. */
class WorkerCallTest {

  private final AtomicInteger runs = new AtomicInteger();
  private final Worker.Builder builder = Worker.builder().address("127.0.0.1:0");
  private Worker worker;
  private TestCaller caller;

  private TestCaller serve() throws IOException {
    worker = builder.build().start();
    caller = new TestCaller(worker);
    return caller;
  }

  @AfterEach
  void stop() throws InterruptedException {
    if (caller != null) {
      caller.close();
      worker.close();
    }
  }

  record Size(int width, int height) {}

  @Test
  void functionsOfAllFormsAreCalled() throws IOException {
    builder
        .function("text", String.class, text -> text + "!")
        .function(
            "record", Size.class, (size, call) -> new Size(size.width() + 1, size.height() + 1))
        .function("typed", Size.class, int.class, (size, call) -> size.width() * size.height())
        .function("supplier", () -> 42)
        .function("action", () -> runs.addAndGet(1000))
        .function("void", (Action) runs::incrementAndGet)
        .function(
            FunctionDefinition.named("generic")
                .argument(new TypeToken<Map<String, List<Integer>>>() {})
                .runs((map, call) -> map.get("a").get(1)))
        .functions(module -> module.function("in.module", String.class, text -> "m" + text));
    serve();

    assertThat(caller.call("text", "a", String.class)).isEqualTo("a!");
    assertThat(caller.call("record", new Size(1, 2), Size.class)).isEqualTo(new Size(2, 3));
    assertThat(caller.call("typed", new Size(3, 4), Integer.class)).isEqualTo(12);
    assertThat(caller.call("supplier", null, Integer.class)).isEqualTo(42);
    assertThat(caller.call("void", null)).isEqualTo(Payload.getDefaultInstance());
    assertThat(caller.call("generic", Map.of("a", List.of(1, 2)), Integer.class)).isEqualTo(2);
    assertThat(caller.call("in.module", "x", String.class)).isEqualTo("mx");
    assertThat(runs).hasValue(1);
  }

  @Test
  void noArgumentIsNullAndNoResultIsNoValue() throws IOException {
    builder.function("null?", String.class, text -> text == null ? null : "not null");
    serve();
    assertThat(caller.call("null?", null)).isEqualTo(Payload.getDefaultInstance());
    assertThat(caller.call("null?", "", String.class)).isEqualTo("not null");
    assertThat(
            caller.stub().call(CallRequest.newBuilder().setFunction("null?").build()).getPayload())
        .isEqualTo(Payload.getDefaultInstance());
  }

  @Test
  void anUnknownFunctionIsRefusedWithTheNamesThatExist() throws IOException {
    builder.function("b", () -> 1).function("a", () -> 1);
    serve();

    ClutchException failure = failureOf(() -> caller.call("c", null));

    assertThat(failure.reason()).isEqualTo(Reason.FUNCTION_NOT_FOUND);
    assertThat(failure.started()).isEqualTo(Started.NO);
    assertThat(failure).hasMessageContaining("'c'").hasMessageContaining("a, b");
    assertThat(failure.details()).containsEntry("function", "c").containsEntry("functions", "a, b");
  }

  @Test
  void aVeryLongUnknownNameIsRefusedLikeAnyOther() throws IOException {
    serve();
    ClutchException failure = failureOf(() -> caller.call("\u6f22".repeat(5_000), null));
    assertThat(failure.reason()).isEqualTo(Reason.FUNCTION_NOT_FOUND);
  }

  @Test
  void aRequestWithoutFunctionIsRefused() throws IOException {
    serve();
    ClutchException failure = failureOf(() -> caller.call("", null));
    assertThat(failure.reason()).isEqualTo(Reason.BAD_ARGUMENTS);
    assertThat(failure.started()).isEqualTo(Started.NO);
  }

  @Test
  void anArgumentThatDoesNotFitNeverStartsTheFunction() throws IOException {
    builder
        .function("int", int.class, n -> runs.incrementAndGet())
        .function("none", (Action) runs::incrementAndGet);
    serve();

    for (ClutchException failure :
        List.of(
            failureOf(() -> caller.call("int", "five")),
            failureOf(() -> caller.call("int", null)),
            failureOf(() -> caller.call("int", new byte[] {5})),
            failureOf(() -> caller.call("none", "something")))) {
      assertThat(failure.reason()).isEqualTo(Reason.BAD_ARGUMENTS);
      assertThat(failure.started()).isEqualTo(Started.NO);
    }
    assertThat(runs).hasValue(0);
  }

  @Test
  void aFunctionThatThrowsIsReportedWithItsException() throws IOException {
    builder.function(
        "fail",
        () -> {
          throw new IOException("disk on fire");
        });
    serve();

    ClutchException failure = failureOf(() -> caller.call("fail", null));

    assertThat(failure.reason()).isEqualTo(Reason.FUNCTION_FAILED);
    assertThat(failure.started()).isEqualTo(Started.YES);
    assertThat(failure).hasMessage("function 'fail' failed: disk on fire (java.io.IOException)");
    assertThat(failure.details()).containsEntry("exception", "java.io.IOException");
  }

  @Test
  void aRefusalMetInsideAFunctionIsNotTakenForOneOfTheCall() throws IOException {
    builder.function(
        "relay",
        () -> {
          throw ClutchException.notStarted(Reason.QUEUE_FULL, "elsewhere");
        });
    serve();

    ClutchException failure = failureOf(() -> caller.call("relay", null));

    assertThat(failure.reason()).isEqualTo(Reason.FUNCTION_FAILED);
    assertThat(failure.started()).isEqualTo(Started.YES);
  }

  @ParameterizedTest
  @ValueSource(
      classes = {StackOverflowError.class, AssertionError.class, NoClassDefFoundError.class})
  void anErrorIsReportedAndTheWorkerServesOn(Class<? extends Error> type) throws IOException {
    builder
        .function(
            "error",
            () -> {
              throw type.getDeclaredConstructor().newInstance();
            })
        .function("fine", () -> 1);
    serve();

    ClutchException failure = failureOf(() -> caller.call("error", null));

    assertThat(failure.reason()).isEqualTo(Reason.FUNCTION_FAILED);
    assertThat(failure.details()).containsEntry("exception", type.getName());
    assertThat(caller.call("fine", null, Integer.class)).isEqualTo(1);
  }

  @Test
  void aResultWithoutPayloadIsReported() throws IOException {
    builder.function("nan", () -> Double.NaN);
    serve();
    ClutchException failure = failureOf(() -> caller.call("nan", null));
    assertThat(failure.reason()).isEqualTo(Reason.BAD_RESULT);
    assertThat(failure.started()).isEqualTo(Started.YES);
    assertThat(failure).hasMessageContaining("NaN is not a number in JSON");
  }

  @Test
  void aFunctionSeesWhoCalls() throws IOException {
    AtomicReference<Call> seen = new AtomicReference<>();
    builder.function(
        "who",
        Void.class,
        (nothing, call) -> {
          seen.set(call);
          return null;
        });
    serve();
    Metadata headers = new Metadata();
    headers.put(Metadata.Key.of("x-tenant", Metadata.ASCII_STRING_MARSHALLER), "blue");
    headers.put(Metadata.Key.of("x-raw-bin", Metadata.BINARY_BYTE_MARSHALLER), new byte[] {1});

    caller
        .stub()
        .withInterceptors(MetadataUtils.newAttachHeadersInterceptor(headers))
        .call(CallRequest.newBuilder().setFunction("who").setCallId("my-id").build());

    assertThat(seen.get().function()).isEqualTo("who");
    assertThat(seen.get().id()).isEqualTo("my-id");
    assertThat(seen.get().isBackground()).isFalse();
    assertThat(seen.get().headers()).containsExactly(Map.entry("x-tenant", "blue"));
    assertThat(seen.get().peer().orElseThrow().toString()).contains("127.0.0.1");
  }

  @Test
  void callsWithoutIdGetOneEach() throws IOException {
    builder.function("id", Void.class, (nothing, call) -> call.id());
    serve();
    String one = caller.call("id", null, String.class);
    assertThat(one).isNotEmpty().isNotEqualTo(caller.call("id", null, String.class));
  }

  @Test
  void aConverterOfOnesOwnIsAskedFirst() throws IOException {
    builder
        .converter(
            new PayloadConverter() {
              @Override
              public boolean canEncode(Object value) {
                return value instanceof Size;
              }

              @Override
              public Payload encode(Object value) {
                return JsonPayloadConverter.standard()
                    .encode("%sx%s".formatted(((Size) value).width(), ((Size) value).height()));
              }

              @Override
              public boolean canDecode(Payload payload, Type type) {
                return false;
              }

              @Override
              public Object decode(Payload payload, Type type) {
                throw new AssertionError();
              }
            })
        .function("size", () -> new Size(3, 4));
    serve();
    assertThat(caller.call("size", null, String.class)).isEqualTo("3x4");
  }
}
