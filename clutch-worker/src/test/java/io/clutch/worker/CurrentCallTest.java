package io.clutch.worker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.grpc.Context;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** {@link Call#current}. */
@Timeout(60)
class CurrentCallTest {

  private Worker worker;
  private TestCaller caller;

  @BeforeEach
  void serve() throws IOException {
    worker =
        Worker.builder()
            .address("127.0.0.1:0")
            .concurrency(1)
            .function("name", () -> Call.current().function())
            .function("same", Void.class, (nothing, call) -> call == Call.current())
            .function(
                "outer",
                Void.class,
                (nothing, call) ->
                    List.of(
                        Call.current().function(),
                        call.cascade("name", null, String.class),
                        Call.current().function()))
            .function("afterFailure", Void.class, (nothing, call) -> afterFailure(call))
            .function("fail", () -> fail())
            .function(
                FunctionDefinition.named("inline")
                    .inline()
                    .runs((nothing, call) -> Call.current().function()))
            .function("wrapped", () -> elsewhere(true))
            .function("elsewhere", () -> elsewhere(false))
            .build()
            .start();
    caller = new TestCaller(worker);
  }

  @AfterEach
  void stop() throws InterruptedException {
    caller.close();
    worker.close();
  }

  private static String fail() {
    throw new IllegalStateException("failed");
  }

  private static String afterFailure(Call call) {
    try {
      return call.cascade("fail", null, String.class);
    } catch (RuntimeException e) {
      return Call.current().function();
    }
  }

  private static String elsewhere(boolean wrapped) {
    CompletableFuture<String> result = new CompletableFuture<>();
    Runnable look =
        () -> {
          try {
            result.complete(Call.current().function());
          } catch (IllegalStateException e) {
            result.complete("none");
          }
        };
    new Thread(wrapped ? Context.current().wrap(look) : look).start();
    return result.join();
  }

  @Test
  void isTheOneThatTheThreadAnswers() {
    assertThat(caller.call("name", null, String.class)).isEqualTo("name");
    assertThat(caller.call("same", null, Boolean.class)).isTrue();
    assertThat(caller.call("inline", null, String.class)).isEqualTo("inline");
  }

  @Test
  void isTheInnerOneInACascadeAndTheOuterOneAfterIt() {
    assertThat(caller.call("outer", null, String[].class))
        .containsExactly("outer", "name", "outer");
    assertThat(caller.call("afterFailure", null, String.class)).isEqualTo("afterFailure");
  }

  @Test
  void isNotThereOutside() {
    assertThatThrownBy(Call::current)
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("no function of a worker runs on this thread");
    assertThat(caller.call("elsewhere", null, String.class)).isEqualTo("none");
  }

  @Test
  void goesAlongWithTheContext() {
    assertThat(caller.call("wrapped", null, String.class)).isEqualTo("wrapped");
  }
}
