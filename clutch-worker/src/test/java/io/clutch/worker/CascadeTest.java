package io.clutch.worker;

import static io.clutch.worker.TestCaller.failureOf;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.common.reflect.TypeToken;
import io.clutch.protocol.ClutchException;
import io.clutch.protocol.Reason;
import io.clutch.protocol.Started;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Functions that call functions of the same worker. */
class CascadeTest {

  private final CompletableFuture<ClutchException> afterCancel = new CompletableFuture<>();
  private final CountDownLatch waiting = new CountDownLatch(1);
  private Worker worker;
  private TestCaller caller;

  @BeforeEach
  void serve() throws IOException {
    worker =
        Worker.builder()
            .address("127.0.0.1:0")
            .concurrency(1)
            .queueCapacity(0)
            .function(
                "thread",
                Void.class,
                (nothing, call) -> call.id() + Thread.currentThread().getName())
            .function(
                "sameThread",
                Void.class,
                (nothing, call) ->
                    List.of(
                        call.id() + Thread.currentThread().getName(),
                        call.cascade("thread", null, String.class)))
            .function("sum", int[].class, (ns, call) -> ns[0] + ns[1])
            .function(
                "viaList",
                int.class,
                (n, call) -> call.cascade("sum", List.of(n, 1), new TypeToken<Integer>() {}))
            .function(
                "depth",
                int.class,
                (n, call) -> n == 0 ? 0 : 1 + call.cascade("depth", n - 1, Integer.class))
            .function(
                "fail",
                String.class,
                text -> {
                  throw new IllegalStateException(text);
                })
            .function(
                "viaFail", String.class, (text, call) -> call.cascade("fail", text, Void.class))
            .function(
                "viaUnknown",
                Void.class,
                (nothing, call) -> call.cascade("nosuch", null, Void.class))
            .function(
                "wrongType",
                Void.class,
                (nothing, call) -> call.cascade("sum", new int[] {1, 2}, String.class))
            .function("cancelled", Void.class, this::cascadeWhenCancelled)
            .build()
            .start();
    caller = new TestCaller(worker);
  }

  private Void cascadeWhenCancelled(Void nothing, Call call) {
    waiting.countDown();
    while (!call.isCancelled()) {
      Thread.onSpinWait();
    }
    try {
      call.cascade("sum", new int[] {1, 2}, Integer.class);
    } catch (ClutchException e) {
      afterCancel.complete(e);
    }
    return null;
  }

  @AfterEach
  void stop() throws InterruptedException {
    caller.close();
    worker.close();
  }

  @Test
  void runsOnTheSameThreadUnderTheSameId() {
    // The worker has one thread and no queue: a cascade that took another place would be refused.
    List<?> both = caller.call("sameThread", null, List.class);
    assertThat(both.get(0)).isEqualTo(both.get(1));
  }

  @Test
  void convertsArgumentAndResultAsAnyCall() {
    assertThat(caller.call("viaList", 4, Integer.class)).isEqualTo(5);
    ClutchException failure = failureOf(() -> caller.call("wrongType", null));
    assertThat(failure).hasMessageContaining("does not fit");
  }

  @Test
  void failuresPassThrough() {
    ClutchException failure = failureOf(() -> caller.call("viaFail", "inner"));
    assertThat(failure.reason()).isEqualTo(Reason.FUNCTION_FAILED);
    assertThat(failure)
        .hasMessage(
            "function 'viaFail' failed: function 'fail' failed: inner"
                + " (java.lang.IllegalStateException)");
    assertThat(failure.details())
        .containsAllEntriesOf(
            Map.of("function", "viaFail", "exception", "java.lang.IllegalStateException"));
  }

  @Test
  void anUnknownFunctionFailsTheCallWithoutLookingUnstarted() {
    ClutchException failure = failureOf(() -> caller.call("viaUnknown", null));
    assertThat(failure.reason()).isEqualTo(Reason.FUNCTION_FAILED);
    assertThat(failure.started()).isEqualTo(Started.YES);
    assertThat(failure).hasMessageContaining("'nosuch'");
  }

  @Test
  void recursionEndsAtTheLimitWithAClearError() {
    assertThat(caller.call("depth", 64, Integer.class)).isEqualTo(64);

    ClutchException failure = failureOf(() -> caller.call("depth", 65));

    assertThat(failure.reason()).isEqualTo(Reason.CASCADE_TOO_DEEP);
    assertThat(failure.started()).isEqualTo(Started.YES);
    assertThat(failure).hasMessageContaining("64");
  }

  @Test
  void aCancelledCallCascadesNoMore() throws Exception {
    var call = caller.start("cancelled", null);
    assertThat(waiting.await(30, TimeUnit.SECONDS)).isTrue();
    call.cancel(true);
    assertThat(afterCancel.get(30, TimeUnit.SECONDS).reason()).isEqualTo(Reason.CANCELLED);
  }
}
