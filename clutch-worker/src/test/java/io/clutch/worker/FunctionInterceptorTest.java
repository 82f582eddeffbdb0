package io.clutch.worker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.clutch.protocol.ErrorStatus;
import io.clutch.protocol.Reason;
import io.clutch.protocol.Started;
import io.grpc.StatusRuntimeException;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
final class FunctionInterceptorTest {

  private final List<String> log = new CopyOnWriteArrayList<>();

  private FunctionInterceptor logging(String name) {
    return (call, next) -> {
      log.add(name + " before " + call.function());
      Object result = next.call();
      log.add(name + " after " + result);
      return result;
    };
  }

  private static Worker.Builder worker() {
    return Worker.builder()
        .address("127.0.0.1:0")
        .function("echo", String.class, text -> text)
        .function(
            "through", String.class, (text, call) -> call.cascade("echo", text, String.class));
  }

  @Test
  void interceptorsRunAroundEachRunTheFirstOneOutside() throws Exception {
    try (Worker worker =
            worker().intercept(logging("outer")).intercept(logging("inner")).build().start();
        TestCaller caller = new TestCaller(worker)) {
      assertThat(caller.call("through", "x", String.class)).isEqualTo("x");
    }

    assertThat(log)
        .containsExactly(
            "outer before through",
            "inner before through",
            "outer before echo",
            "inner before echo",
            "inner after x",
            "outer after x",
            "inner after x",
            "outer after x");
  }

  @Test
  void anInterceptorMayAnswerItself() throws Exception {
    try (Worker worker = worker().intercept((call, next) -> "instead").build().start();
        TestCaller caller = new TestCaller(worker)) {
      assertThat(caller.call("echo", "x", String.class)).isEqualTo("instead");
    }
  }

  @Test
  void whatAnInterceptorThrowsIsTheFunctionsFailure() throws Exception {
    try (Worker worker =
            worker()
                .intercept(
                    (call, next) -> {
                      throw new IOException("no database");
                    })
                .build()
                .start();
        TestCaller caller = new TestCaller(worker)) {
      assertThatThrownBy(() -> caller.call("echo", "x"))
          .isInstanceOfSatisfying(
              StatusRuntimeException.class,
              e ->
                  assertThat(
                          ErrorStatus.fromStatus(e.getStatus(), e.getTrailers(), Started.UNKNOWN))
                      .satisfies(
                          failure -> assertThat(failure.reason()).isEqualTo(Reason.FUNCTION_FAILED))
                      .hasMessage("function 'echo' failed: no database (java.io.IOException)"));
    }
  }
}
